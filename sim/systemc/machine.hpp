// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/requantizer.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/systemc/checker.hpp"
#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/systemc/waves_options.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/timeline.hpp"

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

/// Who watches a run without changing it; each may be null.
struct Observers {
  Timeline* timeline = nullptr;
  const WavesOptions* waves = nullptr;  ///< of the run's waveform
  std::string* waveform = nullptr;      ///< its text; waves and waveform are given together
  bool* waves_truncated = nullptr;      ///< whether the waveform ended before its window did
};

/// Runs the GEMMs of a pass on the clocked machine; data may be null: then only counts move.
/// Checks the laws of the machine and throws SimulationError where one is broken.
/// Not for concurrent use in one process (SystemC has one simulation context).
[[nodiscard]] RunResult run_gemms(const GemmSchedule& schedule, const RunData* data = nullptr,
                                  const ProgressCallback& progress = {}, const Observers& observers = {});
/// Runs the sweeps of a pass on the vector unit or the weight-update unit.
[[nodiscard]] RunResult run_sweeps(const SweepSchedule& schedule, const ProgressCallback& progress = {},
                                   const Observers& observers = {});

}  // namespace lnsim::systemc
