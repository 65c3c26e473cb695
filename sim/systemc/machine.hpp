// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/requantizer.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/systemc/checker.hpp"
#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/trace/run_result.hpp"

namespace lnsim::systemc {

/// Real operands for a run with data.
struct RunData {
  DramTensors tensors;
  const numerics::DotUnit* unit = nullptr;
  const numerics::Requantizer* requantizer = nullptr;
  Checker* checker = nullptr;  ///< watches the run; may be null
  FaultInjector* faults = nullptr;
};

/// Called now and then with the current cycle; may throw to interrupt the run.
using ProgressCallback = std::function<void(std::uint64_t)>;

/// Runs the GEMMs of a pass on the clocked machine; data may be null: then only counts move.
/// Checks the laws of the machine and throws SimulationError where one is broken.
/// Not for concurrent use in one process (SystemC has one simulation context).
[[nodiscard]] RunResult run_gemms(const GemmSchedule& schedule, const RunData* data = nullptr,
                                  const ProgressCallback& progress = {});
/// Runs the sweeps of a pass on the vector unit or the weight-update unit.
[[nodiscard]] RunResult run_sweeps(const SweepSchedule& schedule, const ProgressCallback& progress = {});

}  // namespace lnsim::systemc
