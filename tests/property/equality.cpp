// SPDX-License-Identifier: Apache-2.0
#include "tests/property/equality.hpp"

#include "sim/fast/engine.hpp"
#include "sim/fast/machine.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/engine.hpp"

namespace lnsim::test {
namespace {

constexpr std::uint64_t kCycleLimit = 5000000;  // far above any case

void stop_if_stuck(std::uint64_t cycle) {
  if (cycle > kCycleLimit) throw SimulationError("the machine is stuck");
}

/// What the call throws, or nothing.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
    return {};
  } catch (const std::exception& error) {
    return *error.what() != 0 ? error.what() : "an error without text";
  }
}

}  // namespace

namespace {

/// The GEMMs with everything passed over that may be, with known steps alone, and without: the same result, and what
/// was passed over.
void check_skips(const PassPlan& plan, EqualityResult& result) {
  if (plan.pass.gemms.empty()) return;
  const GemmSchedule schedule = schedule_gemms(plan);
  fast::SkippedTiles all, known;
  const RunResult jumping = fast::run_gemms(schedule, fast::Skips::kAll, &all);
  const RunResult stepping = fast::run_gemms(schedule, fast::Skips::kKnownSteps, &known);
  result.skipped = {all.jumped, known.remembered};
  if (all.jumped + all.remembered + known.remembered == 0) return;
  const RunResult plain = fast::run_gemms(schedule, fast::Skips::kNothing);
  if (!(jumping == plain)) result.failure = "jumps: another result than without them";
  if (!(stepping == plain)) result.failure = "known steps: another result than without them";
}

}  // namespace

EqualityResult check_equality(const PassCase& made) {
  const PassPlan plan = plan_of(made);
  EqualityResult result;
  TraceEntry fast_entry;
  constexpr std::size_t kMostEvents = std::size_t{1} << 24U;
  Timeline clocked_timeline(kMostEvents);
  systemc::Observers observers;
  observers.timeline = &clocked_timeline;
  const std::string clocked = error_of([&] { result.entry = systemc::observe_pass(plan, observers, stop_if_stuck); });
  const std::string fast = error_of([&] { fast_entry = fast::simulate_pass(plan); });
  if (!clocked.empty() && !fast.empty()) {
    result.failure = "both: " + clocked + "; " + fast;
  } else if (!clocked.empty()) {
    result.failure = "clocked: " + clocked;
  } else if (!fast.empty()) {
    result.failure = "fast: " + fast;
  } else if (!(fast_entry == result.entry)) {
    result.failure = "difference: clocked and fast";
    for (const std::string& line : differences(result.entry, fast_entry)) *result.failure += "\n  " + line;
  }
  if (!result.failure) check_skips(plan, result);
  if (!result.failure) {
    Timeline fast_timeline(kMostEvents);
    const bool same = fast::simulate_pass(plan, fast_timeline) == result.entry;
    if (!same) result.failure = "timeline: watching the fast engine changes its result";
    if (fast_timeline.sorted() != clocked_timeline.sorted()) result.failure = "timeline: other events";
  }
  return result;
}

}  // namespace lnsim::test
