// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/pass_plan.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// The entry of a pass with what the plan knows: names, shapes, formats, useful MACs.
[[nodiscard]] TraceEntry describe_pass(const PassPlan& plan);
/// The entry of a pass that an engine has run: its GEMMs (with their schedule), then its sweeps; null where the pass
/// has none.
[[nodiscard]] TraceEntry make_entry(const PassPlan& plan, const GemmSchedule* schedule, const RunResult* gemms,
                                    const RunResult* sweeps);

}  // namespace lnsim
