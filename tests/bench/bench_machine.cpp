// SPDX-License-Identifier: Apache-2.0
// Speed of the clocked machine: one compute-bound layer (resnet50 layer2.1.conv2, batch 1, one PE of 32 x 32) with
// counts only and with real LNS8 codes, against the bare dot-product kernel on the same blocks and its scalar
// reference. All of it in one run, the best of several repeats, so that ratios compare what one processor does at one
// time.
//   bench_machine [repeats]
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/schedule/walks.hpp"
#include "sim/systemc/data_run.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/systemc/own_operands.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace {

using namespace lnsim;

template <class Action>
double seconds(const Action& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::unique_ptr<numerics::DotUnit> make_unit(const PassPlan& plan, bool m_is_a) {
  numerics::DotSpec spec = plan.dot_spec;
  spec.vector_size = static_cast<unsigned>(plan.config.accelerator.pe.vector_size);
  if (!m_is_a) std::swap(spec.a, spec.b);
  return numerics::make_dot_unit(spec);
}

CodeTensor make_tensor(const PassPlan& plan, std::size_t index, const numerics::FormatPtr& format) {
  const Tensor& tensor = plan.pass.tensors[index];
  return quantise(SyntheticTensor(1, plan.pass.layer, tensor.name, usual_distribution(tensor)), tensor.elements,
                  format);
}

/// One operand's codes in panels [K-group][row][V], each made once.
class Panels {
 public:
  Panels(CodeTensor tensor, std::uint64_t vector_size)
      : tensor_(std::move(tensor)),
        operands_(tensor_.codes.data(), tensor_.format->container_bytes(), vector_size, 1) {}

  void add_gemm(const OperandView& view) { operands_.add_gemm(view); }
  [[nodiscard]] std::size_t vector_bytes() const { return operands_.vector_bytes(); }

  const std::byte* panel(const Step& step, std::uint32_t index, std::uint64_t row, std::uint64_t rows,
                         std::int64_t offset) {
    const std::array<std::uint64_t, 5> key{step.gemm, static_cast<std::uint64_t>(offset), step.k_begin, row, rows};
    std::vector<std::byte>& codes = panels_[key];
    if (codes.empty()) {
      const std::byte* from = operands_.panel({index, row, rows}, step, offset, 0);
      codes.assign(from, from + ceil_div(step.k_size, tensor_vectors()) * rows * vector_bytes());
    }
    return codes.data();
  }

 private:
  [[nodiscard]] std::uint64_t tensor_vectors() const { return vector_bytes() / tensor_.format->container_bytes(); }

  CodeTensor tensor_;
  systemc::OwnOperands operands_;
  std::map<std::array<std::uint64_t, 5>, std::vector<std::byte>> panels_;
};

/// The kernel on a pass: its operands gathered beforehand, its blocks in the machine's order, sums of every tile from
/// 0.
class KernelLayer {
 public:
  explicit KernelLayer(const PassPlan& plan)
      : schedule_(schedule_gemms(plan)),
        m_is_a_(schedule_.mapping(schedule_.steps().front()).operand_a == Side::kM),
        unit_(make_unit(plan, m_is_a_)),
        a_(operand(plan, m_is_a_)),
        b_(operand(plan, !m_is_a_)) {
    const Accelerator& machine = plan.config.accelerator;
    for (const Gemm& gemm : plan.pass.gemms) {
      a_.add_gemm(m_is_a_ ? gemm.a : gemm.b);
      b_.add_gemm(m_is_a_ ? gemm.b : gemm.a);
    }
    for (std::uint64_t row = 0; row < machine.pe_array.rows; ++row) {
      for (std::uint64_t column = 0; column < machine.pe_array.columns; ++column) {
        for (PeWalk walk(schedule_, row, column); !walk.done(); walk.next())
          add_tile(walk.tile(), machine.pe.vector_size);
      }
    }
    sums_.resize(machine.pe.hold_rows * machine.pe.lanes);
  }

  /// Every block of the pass.
  void run() {
    for (const Block& block : blocks_) {
      if (block.first) std::fill_n(sums_.data(), block.operands.rows * block.operands.lanes, numerics::Psum{});
      unit_->accumulate(block.operands, sums_.data(), block.operands.lanes);
    }
  }

  /// The first block again and again, for about so many MACs.
  void run_one(double macs, bool reference) {
    const numerics::GroupBlock& block = blocks_.front().operands;
    const auto times = static_cast<std::uint64_t>(macs / (block.rows * block.lanes * block.elements));
    std::fill(sums_.begin(), sums_.end(), numerics::Psum{});
    for (std::uint64_t i = 0; i < times; ++i) {
      if (reference) {
        unit_->accumulate_reference(block, sums_.data(), block.lanes);
      } else {
        unit_->accumulate(block, sums_.data(), block.lanes);
      }
    }
  }

  /// MACs of all blocks: those of the pass.
  [[nodiscard]] std::uint64_t macs() const { return macs_; }

 private:
  struct Block {
    numerics::GroupBlock operands;
    bool first;  ///< of its tile
  };

  Panels operand(const PassPlan& plan, bool m) const {
    const Gemm& gemm = plan.pass.gemms.front();
    return {make_tensor(plan, m ? gemm.a.tensor : gemm.b.tensor, m ? plan.format_m : plan.format_n),
            plan.config.accelerator.pe.vector_size};
  }

  void add_tile(const PeTile& tile, std::uint64_t vector_size) {
    const Step& step = *tile.step;
    const std::byte* a = a_.panel(step, tile.step_index, step.a_begin + tile.a_row, tile.lanes, step.a_offset);
    const std::byte* b = b_.panel(step, tile.step_index, step.b_begin + tile.b_row, tile.rows, step.b_offset);
    for (std::uint64_t group = 0; group < tile.groups; ++group) {
      const bool last = group + 1 == tile.groups;
      const numerics::GroupBlock block{a + group * tile.lanes * a_.vector_bytes(),
                                       b + group * tile.rows * b_.vector_bytes(),
                                       vector_size,
                                       vector_size,
                                       static_cast<unsigned>(tile.lanes),
                                       static_cast<unsigned>(tile.rows),
                                       static_cast<unsigned>(last ? tile.last_elements : vector_size),
                                       false};
      macs_ += tile.outputs() * block.elements;
      blocks_.push_back({block, group == 0});
    }
  }

  GemmSchedule schedule_;
  bool m_is_a_;
  std::unique_ptr<numerics::DotUnit> unit_;
  Panels a_, b_;
  std::vector<Block> blocks_;
  std::vector<numerics::Psum> sums_;
  std::uint64_t macs_ = 0;
};

std::vector<PassPlan> plans() {
  const std::string root = LNSIM_SOURCE_DIR;
  const Network network = read_network(read_json_file(root + "/workloads/resnet50.json"));
  PlanContext context;
  context.accelerator = read_accelerator(read_json_file(root + "/configs/accelerators/lns_madam.json"));
  context.scheme = read_scheme(read_json_file(root + "/configs/schemes/lns8.json"));
  context.family = network.family;
  context.clock_hz = 400000000;
  LowerOptions options;
  options.batch = 1;
  std::vector<PassPlan> plans;
  for (const LayerPass& pass : lower(network, options)) {
    if (pass.layer == "layer2.1.conv2" && !pass.gemms.empty()) plans.push_back(plan_pass(pass, context));
  }
  return plans;
}

struct Times {
  double counts = 1e9, data = 1e9, kernel = 1e9, in_l1 = 1e9, scalar_per_mac = 1e9;
  std::uint64_t cycles = 0, macs = 0;
};

/// Counts, data and kernel in turn, so that a disturbance meets all of them.
Times measure(const PassPlan& plan, int repeats) {
  KernelLayer kernel(plan);
  Times best;
  for (int i = 0; i < repeats; ++i) {
    TraceEntry entry;
    best.counts = std::min(best.counts, seconds([&] { entry = systemc::simulate_pass(plan); }));
    best.cycles = entry.cycles;
    best.macs = entry.macs;
    const auto macs = static_cast<double>(entry.macs);
    if (kernel.macs() != entry.macs) throw std::logic_error("the kernel's blocks are not the layer's MACs");
    systemc::DataSummary summary;
    (void)systemc::simulate_pass_with_data(plan, {}, {}, &summary);
    best.data = std::min(best.data, summary.machine_seconds);
    best.kernel = std::min(best.kernel, seconds([&] { kernel.run(); }));
    best.in_l1 = std::min(best.in_l1, seconds([&] { kernel.run_one(macs, false); }));
    best.scalar_per_mac =
        std::min(best.scalar_per_mac, seconds([&] { kernel.run_one(macs / 100, true); }) / (macs / 100));
  }
  return best;
}

void print(const PassPlan& plan, const Times& times) {
  const auto macs = static_cast<double>(times.macs);
  std::printf("%-28s %8.2f %9.1f %8.1f %9.1f %6.1f %7.2f %12.2f %13.1f\n", plan.where().c_str(),
              static_cast<double>(times.cycles) / times.counts * 1e-6, times.counts * 1e3, times.data * 1e3,
              times.kernel * 1e3, times.in_l1 * 1e3, macs / times.data * 1e-9,
              (times.data - times.counts) / times.kernel, times.scalar_per_mac * macs / times.kernel);
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 7;
  std::printf("%-28s %8s %9s %8s %9s %6s %7s %12s %13s\n", "LNS8, best of the repeats", "Mcycle/s", "counts ms",
              "data ms", "kernel ms", "L1 ms", "GMAC/s", "extra/kernel", "kernel/scalar");
  for (const PassPlan& plan : plans()) print(plan, measure(plan, repeats));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "kernel = DotUnit::accumulate alone on the layer's own blocks: panels gathered beforehand, the machine's order "
      "of "
      "tiles and K-groups, sums of each tile from zero\n"
      "L1 = the same MACs on one block that stays in the L1 cache; extra = data - counts, without making the tensors; "
      "GMAC/s of the run with data; peak memory %.0f MB\n",
      static_cast<double>(usage.ru_maxrss) / 1024.0);
  return 0;
}
