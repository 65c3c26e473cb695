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

}  // namespace lnsim::fast
