// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/schedule/gemm_schedule.hpp"
#include "sim/trace/run_result.hpp"

namespace lnsim {

/// The laws that every run of the GEMMs of a pass obeys, whatever the engine: useful MACs are the workload's, outputs
/// are drained once, DRAM moves at least the compulsory bytes, every block's cycles add up. Throws SimulationError
/// where one is broken; every engine asserts them after every run, in release builds too.
void check_gemm_laws(const GemmSchedule& schedule, const RunResult& result);

}  // namespace lnsim
