// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/pass_plan.hpp"
#include "sim/systemc/machine.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::systemc {

/// Runs one pass on the clocked machine: its GEMMs, then its sweeps, each from the state of a pass's start
/// (docs/machine.md, R3). Only counts move.
[[nodiscard]] TraceEntry simulate_pass(const PassPlan& plan, const ProgressCallback& progress = {});

/// The same with observers: a waveform is that of the GEMMs, or of the sweeps of a pass without any.
[[nodiscard]] TraceEntry observe_pass(const PassPlan& plan, const Observers& observers,
                                      const ProgressCallback& progress = {});

/// The entry of a pass whose GEMMs have been run (null without GEMMs); runs its sweeps.
[[nodiscard]] TraceEntry finish_pass(const PassPlan& plan, const GemmSchedule* schedule, const RunResult* run,
                                     const ProgressCallback& progress);

}  // namespace lnsim::systemc
