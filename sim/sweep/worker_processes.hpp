// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/trace/trace.hpp"

namespace lnsim {

/// One unit of work, in a worker process; the callback takes the cycles simulated so far.
using WorkFunction = std::function<TraceEntry(std::size_t unit, const std::function<void(std::uint64_t)>& tick)>;
/// In the calling process: unit, its cycles so far, and whether it is done.
using WorkProgress = std::function<void(std::size_t unit, std::uint64_t cycles, bool done)>;

/// Runs each unit once in one of `jobs` forked processes, which are handed the units in the given order, and returns
/// the results by unit. `order` is a permutation of 0..n-1. Where units fail, higher ones are not begun any more, and
/// the error of the lowest failing unit is thrown again as its own type (InputError, OverflowError, SimulationError;
/// anything else as SimulationError). Throws std::system_error where processes or pipes cannot be made. The processes
/// end with the caller, however it ends.
[[nodiscard]] std::vector<TraceEntry> run_in_processes(const std::vector<std::size_t>& order, std::uint64_t jobs,
                                                       const WorkFunction& work, const WorkProgress& progress);

}  // namespace lnsim
