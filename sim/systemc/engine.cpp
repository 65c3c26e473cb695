// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/engine.hpp"

#include <optional>

#include "sim/schedule/pass_entry.hpp"

namespace lnsim::systemc {

TraceEntry finish_pass(const PassPlan& plan, const GemmSchedule* schedule, const RunResult* run,
                       const ProgressCallback& progress) {
  std::optional<RunResult> sweeps;
  if (!plan.sweeps.empty()) sweeps = run_sweeps(schedule_sweeps(plan), progress);
  return make_entry(plan, schedule, run, sweeps ? &*sweeps : nullptr);
}

TraceEntry simulate_pass(const PassPlan& plan, const ProgressCallback& progress) {
  if (plan.pass.gemms.empty()) return finish_pass(plan, nullptr, nullptr, progress);
  const GemmSchedule schedule = schedule_gemms(plan);
  const RunResult run = run_gemms(schedule, nullptr, progress);
  return finish_pass(plan, &schedule, &run, progress);
}

TraceEntry observe_pass(const PassPlan& plan, const Observers& observers, const ProgressCallback& progress) {
  std::optional<GemmSchedule> schedule;
  std::optional<RunResult> gemms, sweeps;
  if (!plan.pass.gemms.empty()) {
    schedule.emplace(schedule_gemms(plan));
    gemms = run_gemms(*schedule, nullptr, progress, observers);
  }
  if (!plan.sweeps.empty()) {
    Observers of_sweeps = observers;
    if (gemms) of_sweeps.waves = nullptr;
    const std::size_t before = observers.timeline != nullptr ? observers.timeline->size() : 0;
    sweeps = run_sweeps(schedule_sweeps(plan), progress, of_sweeps);
    if (gemms && observers.timeline != nullptr) observers.timeline->shift(before, gemms->cycles);
  }
  return make_entry(plan, schedule ? &*schedule : nullptr, gemms ? &*gemms : nullptr, sweeps ? &*sweeps : nullptr);
}

}  // namespace lnsim::systemc
