// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/support/json.hpp"
#include "sim/sweep/mapper.hpp"

namespace lnsim {

/// What a search over all passes of a network found.
struct AutoMapping {
  Json file;  ///< the mappings as a mapping file ("lnsim.mapping/1"): given back, it pins the same mappings
  std::uint64_t passes = 0;     ///< distinct passes that were searched
  std::uint64_t optimal = 0;    ///< of them, those of which no mapping of the space is better
  std::uint64_t evaluated = 0;  ///< mappings simulated
  std::uint64_t candidates = 0;
  std::uint64_t stopped = 0;  ///< passes whose search ended before its budget was spent
};

/// Called after each searched pass: its name, passes done, passes in all.
using MappingProgress = std::function<void(const std::string&, std::uint64_t, std::uint64_t)>;

/// Searches the mapping of every GEMM pass among the plans (of one scheme) and pins it there. Passes of equal timing
/// are searched once.
AutoMapping map_passes(std::vector<PassPlan>& plans, const MappingCost& cost, const SearchOptions& options,
                       const MappingProgress& progress = {});

}  // namespace lnsim
