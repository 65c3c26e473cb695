// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "energy/accounting.hpp"

namespace lnsim::energy {

/// One way to build an LNS dot-product unit, and what the same work costs on it.
struct StructureCost {
  numerics::LnsStructure structure = numerics::LnsStructure::kPerElement;
  bool sign_split = false;
  double datapath_j = 0;      ///< energy of the iteration, scope datapath
  double pe_j = 0;            ///< scope pe
  double lanes_area_mm2 = 0;  ///< component lanes, all PEs
  bool reaches_clock = true;  ///< false: the machine's clock is too fast for it
};

/// Every structure of the scheme's unit at the accelerator's vector size and the scheme's table, in a fixed order.
/// Cycles and counts of a trace do not depend on the structure.
struct StructureChoice {
  std::vector<StructureCost> costs;
  std::size_t own = 0;                  ///< the scheme's
  std::optional<std::size_t> best;      ///< least datapath energy of those that reach the clock
  std::optional<std::size_t> smallest;  ///< least area of those that reach the clock
};

/// "per_element", "bin_trees"
[[nodiscard]] std::string_view structure_name(numerics::LnsStructure structure);

/// Prices the trace under each structure. Empty for a scheme whose operands are not LNS: only those have a choice.
/// Throws as price().
[[nodiscard]] std::optional<StructureChoice> choose_structure(std::span<const TraceEntry> entries,
                                                              const Accelerator& accelerator, const Scheme& scheme,
                                                              const Technology& technology, double clock_hz,
                                                              const Optimizers& optimizers);

}  // namespace lnsim::energy
