// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/gemm_schedule.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::fast {

/// What may be passed over.
enum class Skips : std::uint8_t {
  kNothing,
  kKnownSteps,  ///< steps that go as earlier ones
  kAll,         ///< and periods of the machine's state
};

/// Output tiles that were not looked at one by one.
struct SkippedTiles {
  std::uint64_t jumped = 0;      ///< in periods of the machine's state
  std::uint64_t remembered = 0;  ///< in steps that went as an earlier one
};

/// The GEMMs of a pass, without a clock: the time of every event by the equations of docs/machine.md, in constant time
/// per unit, K-group, tile and DRAM transfer; the same for both forms of a schedule. Gives what the clocked engine
/// gives, without data. Checks the laws of the machine and throws SimulationError where one is broken or nothing can go
/// on. Independent runs may be concurrent. skips: the result is the same; a schedule that is not whole is made so
/// unless all may be passed over. skipped, if given: how many output tiles that were. timeline, if given: gets the
/// events; needs a whole schedule, and nothing is passed over.
[[nodiscard]] RunResult run_gemms(const GemmSchedule& schedule, Skips skips = Skips::kAll,
                                  SkippedTiles* skipped = nullptr, Timeline* timeline = nullptr);
/// The sweeps of a pass on the vector unit or the weight-update unit, the same for both forms of their schedule.
[[nodiscard]] RunResult run_sweeps(const SweepSchedule& schedule, Timeline* timeline = nullptr);

}  // namespace lnsim::fast
