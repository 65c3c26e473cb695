// SPDX-License-Identifier: Apache-2.0
#include "energy/components/dot_product.hpp"

#include <algorithm>
#include <cmath>

#include "energy/components/arithmetic.hpp"

namespace lnsim::energy {
namespace {

constexpr std::string_view kMultiply = kUnitStages[0];
constexpr std::string_view kExponentMax = kUnitStages[1];
constexpr std::string_view kShift = kUnitStages[2];
constexpr std::string_view kConversion = kUnitStages[3];
constexpr std::string_view kTree = kUnitStages[4];
constexpr std::string_view kAccumulate = kUnitStages[5];
constexpr std::string_view kControl = kUnitStages[6];
constexpr std::string_view kInput = kUnitStages[7];
constexpr std::string_view kPipeline = kUnitStages[8];
constexpr std::string_view kAccumulatorRegister = kUnitStages[9];
constexpr std::string_view kBlockScale = kUnitStages[10];

constexpr double kHeldCycles = 16;     // [cycles] of the held_16 factors; gate_level_45nm.json, 2026
constexpr unsigned kControlBits = 4;   // [bit] group counter and valid bits; gate_level_45nm.json, 2026
constexpr unsigned kKeptFraction = 3;  // [bit] in each row of a constant multiplier; gate_level_45nm.json, 2026

/// Builds the bill of one unit, stage by stage.
class UnitBuilder {
 public:
  UnitBuilder(const UnitWidths& unit, const LogicPrices& logic, const UnitScope& scope)
      : u_(unit), logic_(logic), scope_(scope), v_(static_cast<double>(unit.vector_size)) {}

  Bill build() {
    multiply();
    if (u_.float_accumulator && !u_.integer() && !u_.lns()) exponent_max();
    if (!u_.integer()) align();
    if (u_.bins > 1) convert_bins();
    tree();
    if (u_.block.size > 0) scale_blocks();
    accumulate();
    bill_.add(kControl, Primitive::kRegister, kControlBits);
    registers();
    return std::move(bill_);
  }

 private:
  [[nodiscard]] double factor(Factor name) const { return logic_.factor(name); }
  /// Activity of a stage whose operand A is held, from the measured factor at kHeldCycles.
  [[nodiscard]] double held(Factor name) const {
    const double share = (1.0 - 1.0 / scope_.a_held) / (1.0 - 1.0 / kHeldCycles);
    return 1.0 - (1.0 - factor(name)) * share;
  }
  /// Share of cycles in which the sum of a bin changes, relative to one that always does.
  [[nodiscard]] static double occupied(double p) { return 2 * p - p * p; }
  [[nodiscard]] double bin_occupancy() const { return occupied(1.0 - std::pow(1.0 - 1.0 / u_.bins, v_)); }

  void multiply();
  void exponent_max();
  void align();
  void convert_bins();
  void tree();
  void signed_trees();
  void split_trees();
  void tree_levels(double width, double occupancy, double activity, double trees, double area_width, double area);
  void scale_blocks();
  void accumulate();
  void registers();

  const UnitWidths& u_;
  const LogicPrices& logic_;
  const UnitScope& scope_;
  double v_;
  Bill bill_;
};

void UnitBuilder::multiply() {
  const double activity = factor(Factor::kMultiplyActivity) * held(Factor::kHeldMultiply);
  const Use use{activity, 1, "multiply_activity, held16_multiply"};
  if (u_.integer()) {
    bill_.add(kMultiply, Primitive::kMultiplierSigned, std::sqrt(double(u_.a.bits) * u_.b.bits), v_, use);
  } else if (u_.lns()) {
    bill_.add(kMultiply, Primitive::kAdder, u_.product_bits - 1, v_, use);
    const unsigned checked = (u_.a.zero_code ? u_.a.exponent : 0) + (u_.b.zero_code ? u_.b.exponent : 0);
    bill_.add(kMultiply, Primitive::kAnd, checked, v_, {1, 1, "detection of the zero code"});
  } else {
    const double width = std::sqrt((u_.a.mantissa + 1.0) * (u_.b.mantissa + 1.0));
    bill_.add(kMultiply, Primitive::kMultiplierUnsigned, width, v_, use);
    bill_.add(kMultiply, Primitive::kAdder, u_.exponent_bits - 1, v_, use);
  }
}

void UnitBuilder::exponent_max() {
  const double activity = factor(Factor::kExponentMaxActivity) * held(Factor::kHeldExponentMax);
  const Use use{activity, 1, "exponent_max_activity, held16_exponent_max"};
  bill_.add(kExponentMax, Primitive::kMax, u_.exponent_bits, v_ - 1, use);
  bill_.add(kExponentMax, Primitive::kAdder, u_.exponent_bits, v_, use);
}

void UnitBuilder::align() {
  const double hold = held(Factor::kHeldShift);
  const double density = static_cast<double>(u_.significand) / u_.window;
  if (u_.table_entries > 0) {
    bill_.add(kShift, Primitive::kTableBit, double(u_.table_entries) * u_.table_bits, v_, {hold, 1, "held16_shift"});
    if (u_.remainder_bits > 0) {
      bill_.add(kShift, Primitive::kMultiplierUnsigned, std::sqrt((u_.table_bits + 1.0) * (u_.remainder_bits + 1.0)),
                v_, {hold, 1, "held16_shift"});
    }
  }
  if (u_.significand == 1) {
    bill_.add(kShift, Primitive::kDecoder, u_.window, v_, {hold, 1, "one-hot significand; held16_shift"});
  } else {
    const double area = std::min(1.0, factor(Factor::kShiftAreaBase) + factor(Factor::kShiftAreaSlope) * density);
    bill_.add(kShift, Primitive::kShifter, u_.window, v_,
              {density * hold, area, "significand bits / window bits; held16_shift"});
  }
  if (!u_.sign_split) bill_.add(kShift, Primitive::kInverter, u_.window, v_);
}

void UnitBuilder::convert_bins() {
  const double bits = (u_.constant_digits - 1.0) * (u_.tree_out + std::min(kKeptFraction, u_.constant_fraction));
  bill_.add(kConversion, Primitive::kConstantBit, bits, 1, {bin_occupancy(), 1, "a carry-save row per signed digit"});
}

/// The adders of `trees` equal trees, level by level: inputs of `width` bits that are non-zero with probability
/// `occupancy` carry `activity` times the glitches of random data at the first level.
void UnitBuilder::tree_levels(double width, double occupancy, double activity, double trees, double area_width,
                              double area) {
  const double decay = factor(Factor::kTreeLevelDecay);
  double idle = 1.0 - occupancy;
  double glitches = activity;
  std::uint64_t inputs = u_.vector_size;
  for (int level = 1; inputs > 1; ++level) {
    const std::uint64_t adders = inputs / 2;
    inputs -= adders;
    idle *= idle;
    const double bits = width + level;
    const double instances = area * (area_width + level) / bits;
    bill_.add(kTree, Primitive::kTreeBit, bits, static_cast<double>(adders) * trees,
              {glitches * occupied(1.0 - idle), instances, "occupancy of the level; tree_* factors"});
    glitches *= decay;
  }
}

void UnitBuilder::signed_trees() {
  const double density = static_cast<double>(u_.significand) / u_.window;
  const double glitches = factor(Factor::kTreeSignedBase) + factor(Factor::kTreeSignedSlope) * density;
  const double width = u_.window + 1;
  tree_levels(width, 1.0 / u_.bins, glitches * held(Factor::kHeldTree), u_.bins, width,
              factor(Factor::kTreeSignedArea));
  if (u_.bins > 1) bill_.add(kTree, Primitive::kAnd, u_.window, v_ * u_.bins, {2.0 / u_.bins, 1, "one bin of all"});
}

void UnitBuilder::split_trees() {
  tree_levels(u_.significand + 1, 0.5 / u_.bins, factor(Factor::kTreeSplit) * held(Factor::kHeldTree), 2.0 * u_.bins,
              u_.window, 1.0);
  const double masks = v_ * 2.0 * u_.bins;
  bill_.add(kTree, Primitive::kAnd, u_.window, masks, {1.0 / u_.bins, u_.bins > 1 ? 1.0 : 0.5, "one sign of two"});
  bill_.add(kTree, Primitive::kAdder, u_.tree_out, u_.bins, {bin_occupancy(), 1, "positive less negative sum"});
}

void UnitBuilder::tree() {
  if (u_.vector_size < 2 && !u_.sign_split) return;
  if (u_.integer()) {
    const double decay_free = factor(Factor::kIntegerTreeActivity) * held(Factor::kHeldTree);
    std::uint64_t inputs = u_.vector_size;
    for (unsigned level = 1; inputs > 1; ++level) {
      const std::uint64_t adders = inputs / 2;
      inputs -= adders;
      bill_.add(kTree, Primitive::kTreeBit, u_.window + level, static_cast<double>(adders),
                {decay_free, 1, "integer_tree_activity, held16_tree"});
    }
  } else if (u_.sign_split) {
    split_trees();
  } else {
    signed_trees();
  }
}

/// What two scales do to the sum of a block pair (docs/block_formats.md, section 5): their exponents are added, and to
/// the sum's exponent, or, in block LNS, to the shift into the accumulator; significands multiply each other and it.
void UnitBuilder::scale_blocks() {
  const BlockWidths& block = u_.block;
  bill_.add(kBlockScale, Primitive::kAdder, block.exponent + 1.0, 1, {1, 1, "the exponents of both scales"});
  if (u_.float_accumulator) {
    bill_.add(kBlockScale, Primitive::kAdder, std::max(block.exponent, u_.accumulator_exponent) + 2.0, 1,
              {1, 1, "their sum to the exponent of the elements' sum"});
  } else {
    bill_.add(kBlockScale, Primitive::kShifter, u_.tree_out, 1, {1, 1, "the elements' sum by the sum of both offsets"});
  }
  if (block.significand > 0) {
    bill_.add(kBlockScale, Primitive::kMultiplierUnsigned, block.significand);
    bill_.add(kBlockScale, Primitive::kMultiplierUnsigned, std::sqrt(2.0 * block.significand * (u_.tree_out - 1.0)));
  }
  // The scales wait as long as their elements: a scale of B per sum, one of A as often as A changes.
  bill_.add(kBlockScale, Primitive::kRegister, block.scale_bits);
  bill_.add(kBlockScale, Primitive::kRegister, block.scale_bits, 1,
            {1.0 / scope_.a_held, 1, "a new operand every a_held cycles"});
}

void UnitBuilder::accumulate() {
  if (u_.float_accumulator) {
    add_float_accumulate(bill_, kAccumulate, u_.tree_out - 1, u_.accumulator_exponent, u_.accumulator_mantissa, 1.0,
                         logic_);
  } else {
    const unsigned width = std::max(u_.accumulator_bits, u_.tree_out);
    bill_.add(kAccumulate, Primitive::kAdder, width);
    bill_.add(kAccumulate, Primitive::kMux, u_.accumulator_bits, 1, {1, 1, "clamp at the ends of the range"});
    bill_.add(kAccumulate, Primitive::kAnd, u_.rounding_bits, 1, {1, 1, "sticky bits of rounding to nearest"});
  }
  if (!u_.outer) return;
  const Use use{u_.outer_per_group, 1.0 / u_.outer_per_group, "once per chunk"};
  if (u_.outer_float) {
    add_float_accumulate(bill_, kAccumulate, u_.accumulator_bits, u_.outer_exponent, u_.outer_mantissa,
                         u_.outer_per_group, logic_);
  } else {
    bill_.add(kAccumulate, Primitive::kAdder, u_.outer_bits, use.activity, {1, use.area, use.why});
    bill_.add(kAccumulate, Primitive::kMux, u_.outer_bits, use.activity, {1, use.area, use.why});
  }
}

void UnitBuilder::registers() {
  const double load = 1.0 / scope_.a_held;
  if (scope_.input_registers) {
    bill_.add(kInput, Primitive::kRegister, u_.b.bits, v_);
    bill_.add(kInput, Primitive::kRegister, u_.a.bits, v_, {load, 1, "a new operand every a_held cycles"});
    bill_.add(kInput, Primitive::kRegisterIdle, u_.a.bits, v_, {1.0 - load, 0, "clock of the held operand"});
  }
  const double activity = factor(Factor::kPipelineRegisterActivity) * held(Factor::kHeldPipelineRegister);
  bill_.add(kPipeline, Primitive::kRegister, pipeline_register_bits(u_), 1,
            {activity, 1, "pipeline_register_activity, held16_pipeline_register"});
  if (u_.float_accumulator) {
    // Two cuts in the accumulator's loop: three accumulations are in flight.
    const unsigned wide = std::max(u_.tree_out - 1, u_.accumulator_mantissa + 1);
    bill_.add(kAccumulatorRegister, Primitive::kRegister,
              2.0 * (wide + u_.accumulator_mantissa + 1 + u_.accumulator_exponent));
  }
  if (scope_.accumulator_register) {
    bill_.add(kAccumulatorRegister, Primitive::kRegister, u_.accumulator_bits);
    bill_.add(kAccumulatorRegister, Primitive::kRegister, u_.outer_bits, u_.outer_per_group,
              {1, u_.outer ? 1.0 / u_.outer_per_group : 1.0, "once per chunk"});
  }
}

}  // namespace

double pipeline_register_bits(const UnitWidths& u) {
  const auto v = static_cast<double>(u.vector_size);
  if (u.integer()) return u.product_bits * v + u.tree_out;
  if (u.lns()) {
    const double sums = static_cast<double>(u.tree_out) * u.bins + (u.bins > 1 ? u.accumulator_bits : 0);
    return (u.product_bits + 1) * v + sums;
  }
  if (!u.float_accumulator) return (u.significand + 1 + u.exponent_bits) * v + u.tree_out;
  // The product waits one stage for the exponent maximum, then travels with its shift amount.
  const double element = 2.0 * (u.significand + 1) + u.exponent_bits + ceil_log2(u.window) + 1;
  return element * v + u.tree_out + u.accumulator_exponent + 1;
}

unsigned pipeline_cuts(const UnitWidths& u) {
  const bool maximum = u.float_accumulator && !u.integer() && !u.lns();
  return 2U + (u.bins > 1 || maximum ? 1U : 0U);
}

Bill bill_dot_product(const UnitWidths& unit, const LogicPrices& logic, const UnitScope& scope) {
  const std::uint64_t sums = unit.sums_per_group();
  if (sums == 1) return UnitBuilder(unit, logic, scope).build();
  // A group of several blocks is several units of a block each, one behind the other in the accumulator.
  UnitWidths part = unit;
  part.vector_size = unit.vector_size / sums;
  part.outer_per_group = unit.outer_per_group / static_cast<double>(sums);
  part.tree_out = unit.tree_out - ceil_log2(unit.vector_size) + ceil_log2(part.vector_size);
  Bill bill;
  bill.append(UnitBuilder(part, logic, scope).build(), static_cast<double>(sums));
  return bill;
}

UnitPrice price_unit(const DotProductParams& params, std::uint64_t vector_size, const Technology& technology,
                     double a_held) {
  if (!params.format_a || !params.format_b) throw numerics::SpecError("a unit needs the formats of both operands");
  if (!(a_held >= 1.0)) throw numerics::SpecError("operand A is held for at least one cycle");
  const UnitWidths unit = unit_widths(params, *params.format_a, *params.format_b, vector_size);
  const Bill bill = bill_dot_product(unit, technology.logic, {true, true, a_held});
  const auto v = static_cast<double>(vector_size);
  UnitPrice result;
  for (const std::string_view stage : kUnitStages) {
    StagePrice part{std::string(stage)};
    for (const BillItem& item : bill.items) {
      if (item.part != stage) continue;
      const Price unit_price = price_of(item, technology);
      part.energy_fj_per_mac += item.count * unit_price.energy_fj / v;
      part.area_um2_per_mac += item.instances * unit_price.area_um2 / v;
      result.leakage_nw_per_mac += item.instances * unit_price.leakage_nw / v;
    }
    if (part.energy_fj_per_mac == 0.0 && part.area_um2_per_mac == 0.0) continue;
    result.energy_fj_per_mac += part.energy_fj_per_mac;
    result.area_um2_per_mac += part.area_um2_per_mac;
    result.breakdown.push_back(std::move(part));
  }
  return result;
}

}  // namespace lnsim::energy
