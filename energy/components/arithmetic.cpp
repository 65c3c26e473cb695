// SPDX-License-Identifier: Apache-2.0
#include "energy/components/arithmetic.hpp"

#include <algorithm>

namespace lnsim::energy {
namespace {

/// `times` uses of one instance.
Use once(double times, double activity, double area, std::string_view why) { return {activity, area / times, why}; }

}  // namespace

void add_float_accumulate(Bill& bill, std::string_view part, double sum_bits, double exponent, double mantissa,
                          double times, const LogicPrices& logic) {
  const double width = std::max(sum_bits, mantissa + 1);
  const Use use = once(times, logic.factor(Factor::kFloatAccumulateActivity),
                       logic.factor(Factor::kFloatAccumulateArea), "float_accumulate_activity, float_accumulate_area");
  bill.add(part, Primitive::kShifter, width, 3 * times, use);
  bill.add(part, Primitive::kLeadingZeroCounter, width, 2 * times, use);
  bill.add(part, Primitive::kAdder, width, times, use);
  bill.add(part, Primitive::kAdder, mantissa + 1, times, use);
  bill.add(part, Primitive::kAdder, exponent + 1, 3 * times, use);
  bill.add(part, Primitive::kMux, width, 2 * times, use);
}

void add_float_add(Bill& bill, std::string_view part, double exponent, double mantissa, double times,
                   const LogicPrices& logic) {
  const double width = mantissa + 4;  // hidden, guard, round and sticky bits
  const Use use = once(times, logic.factor(Factor::kFloatAccumulateActivity),
                       logic.factor(Factor::kFloatAccumulateArea), "as the accumulator, without its first shift");
  bill.add(part, Primitive::kShifter, width, 2 * times, use);
  bill.add(part, Primitive::kLeadingZeroCounter, width, times, use);
  bill.add(part, Primitive::kAdder, width, times, use);
  bill.add(part, Primitive::kAdder, mantissa + 1, times, use);
  bill.add(part, Primitive::kAdder, exponent + 1, 2 * times, use);
  bill.add(part, Primitive::kMux, width, 2 * times, use);
}

void add_float_multiply(Bill& bill, std::string_view part, double exponent, double mantissa, double times) {
  const Use use = once(times, 1, 1, "");
  bill.add(part, Primitive::kMultiplierUnsigned, mantissa + 1, times, use);
  bill.add(part, Primitive::kAdder, exponent, 2 * times, use);
  bill.add(part, Primitive::kAdder, mantissa + 1, times, use);
}

void add_float_compare(Bill& bill, std::string_view part, double exponent, double mantissa, double times) {
  bill.add(part, Primitive::kMax, exponent + mantissa + 1, times, once(times, 1, 1, ""));
}

void add_table(Bill& bill, std::string_view part, double entries, double bits, double times) {
  bill.add(part, Primitive::kTableBit, entries * bits, times, once(times, 1, 1, ""));
}

}  // namespace lnsim::energy
