// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/pass_plan.hpp"
#include "sim/systemc/machine.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::systemc {

/// Runs one pass on the clocked machine: its GEMMs, then its sweeps, each from the state of a pass's start
/// (docs/machine.md, R3). Only counts move.
[[nodiscard]] TraceEntry simulate_pass(const PassPlan& plan, const ProgressCallback& progress = {});

/// The entry of a pass with what the plan knows: names, shapes, formats, useful MACs.
[[nodiscard]] TraceEntry describe_pass(const PassPlan& plan);
/// Adds a run of the pass's GEMMs or sweeps to its entry.
void add_run(TraceEntry& entry, const RunResult& run);

}  // namespace lnsim::systemc
