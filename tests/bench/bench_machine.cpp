// SPDX-License-Identifier: Apache-2.0
// Speed of the clocked machine: one compute-bound layer (resnet50 layer2.1.conv2, batch 1, one PE of 32 x 32) with counts
// only and with real LNS8 codes, against the bare dot-product kernel and its scalar reference. All of it in one run, the
// best of several repeats, so that ratios compare what one processor does at one time.
//   bench_machine [repeats]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/systemc/data_run.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace {

using namespace lnsim;

constexpr unsigned kRows = 16;
constexpr unsigned kLanes = 32;
constexpr unsigned kElements = 32;

template <class Action>
double seconds(const Action& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// One block of operands and its sums, for the kernel alone.
class KernelBlock {
 public:
  explicit KernelBlock(const PassPlan& plan) {
    numerics::DotSpec spec = plan.dot_spec;
    spec.vector_size = kElements;
    unit_ = numerics::make_dot_unit(spec);
    const SyntheticTensor values(1, "bench", "input", usual_distribution(Tensor{}));
    a_ = quantise(values, kLanes * kElements, plan.format_m).codes;
    b_ = quantise(values, kRows * kElements, plan.format_n).codes;
  }

  void run(double macs, bool reference) {
    const numerics::GroupBlock block{a_.data(), b_.data(), kElements, kElements, kLanes, kRows, kElements, false};
    const auto blocks = static_cast<std::uint64_t>(macs / (kRows * kLanes * kElements));
    for (std::uint64_t i = 0; i < blocks; ++i) {
      if (reference) {
        unit_->accumulate_reference(block, sums_.data(), kLanes);
      } else {
        unit_->accumulate(block, sums_.data(), kLanes);
      }
    }
  }

 private:
  std::unique_ptr<numerics::DotUnit> unit_;
  std::vector<std::byte> a_, b_;
  std::vector<numerics::Psum> sums_ = std::vector<numerics::Psum>(kRows * kLanes);
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
  double counts = 1e9, data = 1e9, kernel = 1e9, scalar_per_mac = 1e9;
  std::uint64_t cycles = 0, macs = 0;
};

/// Counts, data and kernel in turn, so that a disturbance meets all of them.
Times measure(const PassPlan& plan, int repeats) {
  KernelBlock block(plan);
  Times best;
  for (int i = 0; i < repeats; ++i) {
    TraceEntry entry;
    best.counts = std::min(best.counts, seconds([&] { entry = systemc::simulate_pass(plan); }));
    best.cycles = entry.cycles;
    best.macs = entry.macs;
    const auto macs = static_cast<double>(entry.macs);
    systemc::DataSummary summary;
    (void)systemc::simulate_pass_with_data(plan, {}, {}, &summary);
    best.data = std::min(best.data, summary.machine_seconds);
    best.kernel = std::min(best.kernel, seconds([&] { block.run(macs, false); }));
    best.scalar_per_mac = std::min(best.scalar_per_mac, seconds([&] { block.run(macs / 100, true); }) / (macs / 100));
  }
  return best;
}

void print(const PassPlan& plan, const Times& times) {
  const auto macs = static_cast<double>(times.macs);
  std::printf("%-28s %8.2f %9.1f %8.1f %9.1f %9.2f %13.2f %14.1f\n", plan.where().c_str(),
              static_cast<double>(times.cycles) / times.counts * 1e-6, times.counts * 1e3, times.data * 1e3,
              times.kernel * 1e3, macs / times.data * 1e-9, (times.data - times.counts) / times.kernel,
              times.scalar_per_mac * macs / times.kernel);
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 7;
  std::printf("%-28s %8s %9s %8s %9s %9s %13s %14s\n", "LNS8, best of the repeats", "Mcycle/s", "counts ms", "data ms",
              "kernel ms", "GMAC/s", "extra/kernel", "kernel/scalar");
  for (const PassPlan& plan : plans()) print(plan, measure(plan, repeats));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %.0f MB; extra = data - counts, time without making the tensors; GMAC/s of the run with data\n",
              static_cast<double>(usage.ru_maxrss) / 1024.0);
  return 0;
}
