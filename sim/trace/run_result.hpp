// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/data/activity.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim {

/// module -> cause -> cycles; with "busy", a module's causes add up to the cycles of the run (times its instances).
using StallTable = std::map<std::string, std::map<std::string, std::uint64_t>>;

/// What an engine reports of one run of the machine: the GEMMs of a pass, or its sweeps.
struct RunResult {
  std::uint64_t cycles = 0;
  StallTable stalls;
  Counts counts;
  std::uint64_t useful_macs = 0;
  std::uint64_t issued_macs = 0;
  std::uint64_t lanes_busy_cycles = 0;  ///< of the busiest PE
  std::uint64_t saturations = 0;        ///< with data: accumulator updates that saturated
  std::uint64_t clipped = 0;            ///< with data: outputs clipped by the requantiser
  DataActivity activity{};              ///< with data

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

}  // namespace lnsim
