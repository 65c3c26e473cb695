// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/engine.hpp"

#include <optional>

#include "sim/schedule/pass_entry.hpp"

namespace lnsim::fast {

TraceEntry simulate_pass(const PassPlan& plan) {
  std::optional<GemmSchedule> schedule;
  std::optional<RunResult> gemms, sweeps;
  if (!plan.pass.gemms.empty()) {
    schedule.emplace(schedule_gemms(plan, GemmSchedule::Form::kShort));
    gemms = run_gemms(*schedule);
  }
  if (!plan.sweeps.empty()) sweeps = run_sweeps(schedule_sweeps(plan, SweepSchedule::Form::kShort));
  return make_entry(plan, schedule ? &*schedule : nullptr, gemms ? &*gemms : nullptr, sweeps ? &*sweeps : nullptr);
}

TraceEntry simulate_pass(const PassPlan& plan, Timeline& timeline) {
  std::optional<GemmSchedule> schedule;
  std::optional<RunResult> gemms, sweeps;
  if (!plan.pass.gemms.empty()) {
    schedule.emplace(schedule_gemms(plan));
    gemms = run_gemms(*schedule, Skips::kNothing, nullptr, &timeline);
  }
  if (!plan.sweeps.empty()) {
    const std::size_t before = timeline.size();
    sweeps = run_sweeps(schedule_sweeps(plan), &timeline);
    if (gemms) timeline.shift(before, gemms->cycles);
  }
  return make_entry(plan, schedule ? &*schedule : nullptr, gemms ? &*gemms : nullptr, sweeps ? &*sweeps : nullptr);
}

}  // namespace lnsim::fast
