// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sweep/pass_pool.hpp"

namespace lnsim {

/// What a verification covered.
struct Verification {
  std::uint64_t passes = 0;  ///< distinct ones
  std::uint64_t cycles = 0;  ///< simulated by the clocked engine
};

/// Simulates passes once more on the clocked engine and compares: every cycle, every stall, every count. entries: the
/// fast engine's, in the order of the plans. Throws SimulationError that names the first pass that differs, and all
/// that differs in it.
Verification verify_passes(const std::vector<PassPlan>& plans, const std::vector<TraceEntry>& entries,
                           std::uint64_t jobs);

}  // namespace lnsim
