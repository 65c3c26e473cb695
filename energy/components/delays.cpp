// SPDX-License-Identifier: Apache-2.0
#include "energy/components/delays.hpp"

#include <algorithm>
#include <cmath>

namespace lnsim::energy {
namespace {

constexpr double kRegisterBits = 8;   // [bit] any: a register's delay has no width; gate_level_45nm.json, 2026
constexpr double kTreeLevelBits = 4;  // [bit] width of the adder to which delay_tree_level refers; definition

}  // namespace

UnitDelays unit_delays(const UnitWidths& u, const LogicPrices& logic) {
  const auto delay = [&](Primitive primitive, double width) { return logic.table(primitive).delay_ns(width); };
  const double levels = ceil_log2(u.vector_size);
  UnitDelays d;
  d.register_ns = delay(Primitive::kRegister, kRegisterBits);
  double align = 0;
  if (u.integer()) {
    d.multiply = delay(Primitive::kMultiplierSigned, std::sqrt(double(u.a.bits) * u.b.bits));
  } else if (u.lns()) {
    d.multiply = delay(Primitive::kAdder, u.product_bits - 1);
    align = delay(u.significand == 1 ? Primitive::kDecoder : Primitive::kShifter, u.window);
  } else {
    d.multiply = delay(Primitive::kMultiplierUnsigned, std::sqrt((u.a.mantissa + 1.0) * (u.b.mantissa + 1.0)));
    align = delay(Primitive::kShifter, u.window);
    if (u.float_accumulator) {
      d.exponent_max = d.register_ns + delay(Primitive::kAdder, u.exponent_bits) +
                       logic.factor(Factor::kDelayMaxLevel) * levels * delay(Primitive::kMax, u.exponent_bits);
    }
  }
  d.multiply += d.register_ns;
  const double last_adder = delay(Primitive::kAdder, u.tree_out);
  d.tree = d.register_ns + align +
           logic.factor(Factor::kDelayTreeLevel) * levels * delay(Primitive::kAdder, kTreeLevelBits) +
           logic.factor(Factor::kDelayTreeAdder) * last_adder +
           (u.sign_split ? logic.factor(Factor::kDelayTreeSplit) * last_adder : 0.0);
  if (u.bins > 1) {
    d.convert = d.register_ns + logic.factor(Factor::kDelayConversion) * delay(Primitive::kAdder, u.accumulator_bits);
  }
  if (u.float_accumulator) {
    const double width = std::max(u.tree_out - 1, u.accumulator_mantissa + 1);
    d.accumulate = logic.factor(Factor::kDelayFloatAccumulate) *
                   (delay(Primitive::kShifter, width) + delay(Primitive::kLeadingZeroCounter, width) +
                    delay(Primitive::kAdder, width));
  } else {
    d.accumulate = logic.factor(Factor::kDelayFixedAccumulate) * delay(Primitive::kAdder, u.accumulator_bits);
  }
  d.accumulate += d.register_ns;
  return d;
}

}  // namespace lnsim::energy
