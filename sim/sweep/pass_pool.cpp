// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pass_pool.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

#include "sim/fast/engine.hpp"
#include "sim/schedule/pass_entry.hpp"
#include "sim/support/error.hpp"
#include "sim/sweep/worker_processes.hpp"
#include "sim/systemc/data_run.hpp"
#include "sim/systemc/engine.hpp"

namespace lnsim {
namespace {

/// The distinct passes among the plans.
struct WorkList {
  std::vector<std::size_t> first;    ///< per unit of work: the first plan that needs it
  std::vector<std::string> keys;     ///< per unit of work: what it shares
  std::vector<std::size_t> unit_of;  ///< per plan: its unit, or kNone for a pass without work
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

WorkList list_work(const std::vector<PassPlan>& plans, bool share) {
  WorkList work;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].pass.gemms.empty() && plans[i].sweeps.empty()) {
      work.unit_of.push_back(WorkList::kNone);
      continue;
    }
    const std::string key = share ? plans[i].timing_key() : std::to_string(i);
    const auto [place, fresh] = seen.try_emplace(key, work.first.size());
    if (fresh) {
      work.first.push_back(i);
      work.keys.push_back(key);
    }
    work.unit_of.push_back(place->second);
  }
  return work;
}

TraceEntry simulate(const PassPlan& plan, const PoolOptions& options, const systemc::ProgressCallback& progress) {
  if (options.engine == Engine::kFast) return fast::simulate_pass(plan);
  if (!options.data) return systemc::simulate_pass(plan, progress);
  systemc::DataOptions data;
  data.seed = options.seed;
  if (!options.tensors.empty()) data.tensors = options.tensors;
  systemc::DataSummary found;
  TraceEntry entry = systemc::simulate_pass_with_data(plan, data, progress, &found);
  if (!plan.pass.gemms.empty())
    entry.data = DataChecks{found.outputs, found.saturations, found.clipped, found.activity};
  return entry;
}

/// What the plan knows itself: names, repeats, formats; the rest is the simulated pass's.
TraceEntry copied(const TraceEntry& simulated, const PassPlan& plan) {
  const TraceEntry own = describe_pass(plan);
  TraceEntry entry = simulated;
  entry.layer = own.layer;
  entry.type = own.type;
  entry.pass = own.pass;
  entry.repeat = own.repeat;
  entry.formats = own.formats;
  const bool swapped = !entry.mappings.empty() && entry.mappings.front().at("operand_a") == "n";
  if (swapped) std::swap(entry.formats.a, entry.formats.b);
  return entry;
}

/// Adds up estimates and cycles of what is done and of what runs.
class Meter {
 public:
  Meter(const std::vector<PassPlan>& plans, const WorkList& work, const PoolCallback& callback)
      : plans_(plans), work_(work), callback_(callback), cycles_(work.first.size(), 0), share_(work.first.size(), 0.0) {
    for (const std::size_t plan : work.first) estimates_.push_back(std::max(1.0, estimated_cycles(plans[plan])));
    total_ = std::accumulate(estimates_.begin(), estimates_.end(), 0.0);
  }

  [[nodiscard]] const std::vector<double>& estimates() const { return estimates_; }

  void update(std::size_t unit, std::uint64_t cycles, bool done) {
    sum_ += cycles - cycles_[unit];
    cycles_[unit] = cycles;
    const double share = done ? estimates_[unit] : std::min(static_cast<double>(cycles), estimates_[unit]);
    fraction_ += (share - share_[unit]) / total_;
    share_[unit] = share;
    if (done) ++done_;
    if (callback_) {
      callback_({plans_[work_.first[unit]].where(), std::clamp(fraction_, 0.0, 1.0), sum_, done_, cycles_.size()});
    }
  }

 private:
  const std::vector<PassPlan>& plans_;
  const WorkList& work_;
  const PoolCallback& callback_;
  std::vector<double> estimates_;
  std::vector<std::uint64_t> cycles_;
  std::vector<double> share_;
  double total_ = 0, fraction_ = 0;
  std::uint64_t sum_ = 0, done_ = 0;
};

std::vector<std::size_t> longest_first(const std::vector<double>& estimates) {
  std::vector<std::size_t> order(estimates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return estimates[a] > estimates[b]; });
  return order;
}

/// GEMMs: lane-cycles at full lanes, rows and vectors rounded up.
double lane_cycles(const Gemm& gemm, const PeParams& pe, double pes) {
  const auto blocks = [](std::uint64_t n, std::uint64_t of) { return static_cast<double>((n + of - 1) / of); };
  return blocks(gemm.m, pe.lanes) * static_cast<double>(gemm.n) * blocks(gemm.k, pe.vector_size) *
         static_cast<double>(gemm.count()) / pes;
}

}  // namespace

double estimated_cycles(const PassPlan& plan) {
  const Accelerator& machine = plan.config.accelerator;
  const double bytes_per_cycle =
      static_cast<double>(machine.dram.bandwidth_bytes_per_second) / static_cast<double>(plan.config.clock_hz);
  double cycles = 0;
  for (const Gemm& gemm : plan.pass.gemms) cycles += lane_cycles(gemm, machine.pe, static_cast<double>(machine.pes()));
  for (const SweepWork& sweep : plan.sweeps) {
    const StreamUnitParams& unit = sweep.unit == SweepUnit::kVector ? machine.vector_unit : machine.update_unit;
    double bits = 0;
    for (const StreamSpec& stream : sweep.reads) bits += static_cast<double>(stream.elements) * stream.size.bits();
    for (const StreamSpec& stream : sweep.writes) bits += static_cast<double>(stream.elements) * stream.size.bits();
    const double beats = static_cast<double>(sweep.elements) * sweep.passes / static_cast<double>(unit.width);
    cycles += std::max(beats, bits / 8 / bytes_per_cycle);
  }
  return cycles;
}

std::vector<TraceEntry> run_passes(const std::vector<PassPlan>& plans, const PoolOptions& options,
                                   const PoolCallback& progress) {
  LNSIM_CHECK(!options.data || options.engine == Engine::kSystemc, "only the clocked engine moves data");
  const WorkList work = list_work(plans, !options.data);
  Meter meter(plans, work, progress);
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t wanted = options.engine == Engine::kFast ? 1 : options.jobs == 0 ? cores : options.jobs;
  const std::uint64_t jobs = std::min<std::uint64_t>(wanted, work.first.size());
  const auto run = [&](std::size_t unit, const systemc::ProgressCallback& tick) {
    return simulate(plans[work.first[unit]], options, tick);
  };
  std::vector<TraceEntry> results(work.first.size());
  if (jobs <= 1) {
    for (std::size_t unit = 0; unit < results.size(); ++unit) {
      meter.update(unit, 0, false);
      const bool cached = options.cache != nullptr && options.engine == Engine::kFast;
      if (const TraceEntry* const known = cached ? options.cache->find(work.keys[unit]) : nullptr) {
        results[unit] = *known;
      } else {
        results[unit] = run(unit, [&](std::uint64_t cycle) { meter.update(unit, cycle, false); });
        if (cached) options.cache->keep(work.keys[unit], results[unit]);
      }
      meter.update(unit, results[unit].cycles, true);
    }
  } else {
    results =
        run_in_processes(longest_first(meter.estimates()), jobs, run,
                         [&](std::size_t unit, std::uint64_t cycles, bool done) { meter.update(unit, cycles, done); });
  }
  std::vector<TraceEntry> entries;
  entries.reserve(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const std::size_t unit = work.unit_of[i];
    entries.push_back(unit == WorkList::kNone ? describe_pass(plans[i]) : copied(results[unit], plans[i]));
  }
  return entries;
}

}  // namespace lnsim
