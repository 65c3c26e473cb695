// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/machine.hpp"
#include "sim/schedule/pass_plan.hpp"
#include "sim/trace/timeline.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::fast {

/// Runs one pass without a clock: its GEMMs, then its sweeps, each from the state of a pass's start (docs/machine.md,
/// R4). Only counts move. Throws InputError where a mapping does not fit, SimulationError where a law is broken.
[[nodiscard]] TraceEntry simulate_pass(const PassPlan& plan);
/// The same, tile by tile, with every event in the timeline; cycles of the pass.
[[nodiscard]] TraceEntry simulate_pass(const PassPlan& plan, Timeline& timeline);

}  // namespace lnsim::fast
