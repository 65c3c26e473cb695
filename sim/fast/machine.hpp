// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/gemm_schedule.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::fast {

/// The GEMMs of a pass, without a clock: the time of every event by the equations of docs/machine.md, in constant time
/// per unit, K-group, tile and DRAM transfer; the same for both forms of a schedule. Gives what the clocked engine
/// gives, without data. Checks the laws of the machine and throws SimulationError where one is broken or nothing can go
/// on. Independent runs may be concurrent. jumps: pass over periods of the machine's state at once; the result is the
/// same. jumped_tiles, if given: over how many output tiles. timeline, if given: gets the events; needs the whole form
/// of the schedule, and nothing is passed over.
[[nodiscard]] RunResult run_gemms(const GemmSchedule& schedule, bool jumps = true,
                                  std::uint64_t* jumped_tiles = nullptr, Timeline* timeline = nullptr);
/// The sweeps of a pass on the vector unit or the weight-update unit, the same for both forms of their schedule.
[[nodiscard]] RunResult run_sweeps(const SweepSchedule& schedule, Timeline* timeline = nullptr);

}  // namespace lnsim::fast
