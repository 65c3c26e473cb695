// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/mapper.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <numeric>
#include <thread>
#include <vector>

#include "sim/fast/engine.hpp"
#include "sim/mapping/space.hpp"
#include "sim/schedule/pass_entry.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

/// Candidates that are tried before the next look at what is still worth trying. Fixed, so that the result does not
/// depend on the number of threads.
constexpr std::size_t kRound = 32;

MappingPin pin_of(const GemmMapping& mapping) {
  MappingPin pin;
  pin.operand_a = mapping.operand_a;
  pin.order = mapping.order;
  pin.m = mapping.tile.m;
  pin.n = mapping.tile.n;
  pin.k = mapping.tile.k;
  pin.banks = mapping.banks;
  pin.block = mapping.block;
  return pin;
}

const Gemm& largest_gemm(const LayerPass& pass) {
  LNSIM_CHECK(!pass.gemms.empty(), "a pass without GEMMs has no mapping");
  return *std::max_element(pass.gemms.begin(), pass.gemms.end(),
                           [](const Gemm& x, const Gemm& y) { return x.macs() < y.macs(); });
}

/// The entry of a pass that does the least that its GEMM needs, and nothing else.
TraceEntry least_entry(const TraceEntry& described, const LeastWork& least, Side operand_a) {
  TraceEntry entry = described;
  if (operand_a == Side::kN) std::swap(entry.formats.a, entry.formats.b);
  entry.cycles = least.cycles;
  Counts& counts = entry.counts;
  counts[Action::kDramReadBursts] = counts[Action::kDmaReadBursts] = least.dram_read_bursts;
  counts[Action::kDramWriteBursts] = counts[Action::kDmaWriteBursts] = least.dram_write_bursts;
  counts[Action::kLanesVectorMacs] = least.vector_macs;
  counts[Action::kLanesGatedVectorMacs] = least.gated_vector_macs;
  counts[Action::kBufferAReadVectors] = counts[Action::kOperandRegisterAVectors] = least.buffer_a_reads;
  counts[Action::kBufferBReadVectors] = counts[Action::kOperandRegisterBVectors] = least.buffer_b_reads;
  counts[Action::kCollectorDrains] = least.drains;
  return entry;
}

/// One candidate's way through the search.
struct Trial {
  std::size_t index = 0;
  MappingPin pin;
  bool tried = false;
  std::optional<TraceEntry> entry;  ///< empty if the mapping does not fit
  double cost = 0;
};

void evaluate(const PassPlan& plan, const MappingCost& cost, Trial& trial) {
  PassPlan pinned = plan;
  pinned.pin = trial.pin;
  try {
    trial.entry = fast::simulate_pass(pinned);
    trial.cost = cost(*trial.entry);
  } catch (const InputError&) {
    trial.entry.reset();
  }
}

/// When a search has to end before its budget is spent.
class Limit {
 public:
  explicit Limit(const SearchOptions& options) : stop_(options.stop) {
    if (options.seconds) end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(*options.seconds));
  }
  [[nodiscard]] bool reached() const { return (stop_ != nullptr && *stop_) || (end_ && Clock::now() >= *end_); }

 private:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  const std::atomic<bool>* stop_;
  std::optional<Clock::time_point> end_;
};

/// Runs the trials on so many threads, but none after the limit is reached; an exception of the earliest failing trial
/// is rethrown.
void evaluate_all(const PassPlan& plan, const MappingCost& cost, std::vector<Trial>& trials, std::uint64_t threads,
                  const Limit& limit) {
  std::vector<std::exception_ptr> errors(trials.size());
  const auto work = [&](std::size_t first, std::size_t stride) {
    for (std::size_t i = first; i < trials.size(); i += stride) {
      if (limit.reached()) return;
      try {
        evaluate(plan, cost, trials[i]);
        trials[i].tried = true;
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  const auto workers = static_cast<std::size_t>(std::clamp<std::uint64_t>(threads, 1, trials.size()));
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < workers; ++i) pool.emplace_back(work, i, workers);
    work(0, workers);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

/// Bounds of all candidates, in ascending order.
struct Bounded {
  double bound = 0;
  std::size_t index = 0;
};

std::vector<Bounded> by_bound(const PassPlan& plan, const std::vector<Candidate>& candidates, const MappingCost& cost) {
  const TraceEntry described = describe_pass(plan);
  std::vector<Bounded> order(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    order[i] = {cost(least_entry(described, candidates[i].least, candidates[i].mapping.operand_a)), i};
  }
  std::stable_sort(order.begin(), order.end(), [](const Bounded& x, const Bounded& y) { return x.bound < y.bound; });
  return order;
}

}  // namespace

SearchResult search_mapping(const PassPlan& plan, const MappingCost& cost, const SearchOptions& options) {
  const Limit limit(options);
  SearchResult best;
  best.pin = plan.pin;
  best.entry = fast::simulate_pass(plan);  // throws where nothing fits
  best.cost = cost(best.entry);
  best.evaluated = 1;
  best.stopped = limit.reached();
  if (best.stopped) return best;
  const std::vector<Candidate> candidates = mapping_space(largest_gemm(plan.pass), plan.config, plan.pin);
  best.candidates = candidates.size();
  const std::vector<Bounded> order = by_bound(plan, candidates, cost);
  std::size_t next = 0;
  while (next < order.size() && order[next].bound < best.cost && best.evaluated < options.budget && !best.stopped) {
    const auto left = static_cast<std::size_t>(options.budget - best.evaluated);
    std::vector<Trial> trials;
    for (; next < order.size() && trials.size() < std::min(kRound, left) && order[next].bound < best.cost; ++next) {
      trials.push_back({order[next].index, pin_of(candidates[order[next].index].mapping), false, std::nullopt, 0});
    }
    evaluate_all(plan, cost, trials, options.threads, limit);
    for (Trial& trial : trials) {
      best.stopped |= !trial.tried;
      best.evaluated += trial.tried ? 1 : 0;
      if (!trial.entry || trial.cost >= best.cost) continue;
      best.pin = trial.pin;
      best.cost = trial.cost;
      best.entry = *std::move(trial.entry);
    }
  }
  best.optimal = !best.stopped && (next == order.size() || order[next].bound >= best.cost);
  return best;
}

}  // namespace lnsim
