// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/observe.hpp"

#include <vector>

#include "sim/fast/engine.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/trace/timeline_json.hpp"

namespace lnsim {
namespace {

/// Events that a pass has at least, from its short schedules.
std::uint64_t least_events(const PassPlan& plan) {
  std::uint64_t events = 0;
  if (!plan.pass.gemms.empty()) events += schedule_gemms(plan, GemmSchedule::Form::kShort).total_steps();
  if (!plan.sweeps.empty()) events += schedule_sweeps(plan, SweepSchedule::Form::kShort).chunks();
  return events;
}

}  // namespace

MadeTimeline make_timeline(const Trace& trace, std::span<const PassPlan> plans, Engine engine,
                           std::size_t most_events) {
  MadeTimeline made;
  std::vector<PassTimeline> passes;
  std::size_t left = most_events;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    PassTimeline& pass = passes.emplace_back();
    pass.entry = &trace.entries[i];
    if (plans[i].pass.gemms.empty() && plans[i].sweeps.empty()) continue;
    ++made.passes;
    if (least_events(plans[i]) > left) continue;
    Timeline timeline(left);
    try {
      if (engine == Engine::kFast) {
        (void)fast::simulate_pass(plans[i], timeline);
      } else {
        systemc::Observers observers;
        observers.timeline = &timeline;
        (void)systemc::observe_pass(plans[i], observers);
      }
    } catch (const TimelineFull&) {
      continue;
    }
    pass.events = timeline.sorted();
    pass.detailed = true;
    left -= pass.events.size();
    ++made.detailed;
  }
  made.text = write_timeline(trace, passes);
  return made;
}

MadeWaveform make_waveform(const PassPlan& plan, const systemc::WavesOptions& options) {
  MadeWaveform made;
  systemc::Observers observers;
  observers.waves = &options;
  observers.waveform = &made.text;
  observers.waves_truncated = &made.truncated;
  (void)systemc::observe_pass(plan, observers);
  return made;
}

}  // namespace lnsim
