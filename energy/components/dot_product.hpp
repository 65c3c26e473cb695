// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "energy/bill.hpp"
#include "energy/components/widths.hpp"

namespace lnsim::energy {

/// Stages of a dot-product unit, in the order of breakdowns and with the names of the gate-level data; the last one, of
/// block-scaled operands, has none there.
inline constexpr std::array<std::string_view, 11> kUnitStages{"multiply_or_exponent_add",
                                                              "exponent_max",
                                                              "shift_align",
                                                              "lut_conversion",
                                                              "adder_tree",
                                                              "accumulate",
                                                              "control",
                                                              "registers_input",
                                                              "registers_pipeline",
                                                              "registers_accumulator",
                                                              "block_scale"};

/// What of a unit is billed besides its arithmetic.
struct UnitScope {
  bool input_registers = true;
  bool accumulator_register = true;  ///< storage of the partial sum; in the machine that is the collector
  double a_held = 1;                 ///< cycles for which operand A stays the same
};

/// The bill of one group (V multiply-accumulates) in one unit.
[[nodiscard]] Bill bill_dot_product(const UnitWidths& unit, const LogicPrices& logic, const UnitScope& scope);

/// Bits of the pipeline registers of one unit, all cuts together.
[[nodiscard]] double pipeline_register_bits(const UnitWidths& unit);
/// Cuts that the unit was synthesised with, from operand register to accumulator: behind multiplier and tree, behind
/// the conversion of bins, and behind the exponent maximum of a floating-point accumulator.
[[nodiscard]] unsigned pipeline_cuts(const UnitWidths& unit);

struct StagePrice {
  std::string stage;
  double energy_fj_per_mac = 0;
  double area_um2_per_mac = 0;
};

/// Price of one dot-product unit alone (design: `explain --unit`).
struct UnitPrice {
  double energy_fj_per_mac = 0;
  double area_um2_per_mac = 0;
  double leakage_nw_per_mac = 0;
  std::vector<StagePrice> breakdown;  ///< stages with a cost, in the order of kUnitStages; they add up to the totals
};

/// A unit under the conditions of the gate-level data: a fresh random operand pair every cycle (A held for a_held >= 1
/// cycles), glitches included; input, pipeline and accumulator registers with their clock pins; no clock tree.
/// params.format_a and format_b must be set. Throws numerics::SpecError for a unit that does not exist.
[[nodiscard]] UnitPrice price_unit(const DotProductParams& params, std::uint64_t vector_size,
                                   const Technology& technology, double a_held = 1);

}  // namespace lnsim::energy
