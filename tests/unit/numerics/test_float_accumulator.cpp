// SPDX-License-Identifier: Apache-2.0
// Addition into float accumulators with one rounding.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "sim/numerics/float_accumulator.hpp"
#include "tests/unit/numerics/test_float_support.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::float_test;

namespace {

double value(const FloatAccumulate& acc, std::int64_t state) {
  const DotUnit::Exact x = acc.exact(state);
  return std::ldexp(static_cast<double>(x.mantissa), x.exponent);
}

}  // namespace

TEST_CASE("an (8, 23) accumulator adds as the machine's float does", "[float_accumulator]") {
  const FloatAccumulate acc(FloatAccumulator{});
  CHECK(acc.bits() == 32);
  std::mt19937_64 random(1);
  std::int64_t state = 0;
  float expected = 0.0F;
  for (int i = 0; i < 200000; ++i) {
    // The sum of two floats rounds once in float arithmetic too.
    const auto addend = static_cast<std::int64_t>(random() >> 40) - (std::int64_t{1} << 23);
    const int exponent = static_cast<int>(below(random, 40)) - (i % 7 == 0 ? 149 : 20);
    acc.add(state, addend, exponent);
    expected += std::ldexp(static_cast<float>(addend), exponent);
    if (i % 50 == 0) {
      state = 0;
      expected = 0.0F;
    }
    if (value(acc, state) != static_cast<double>(expected)) FAIL("step " << i);
  }
}

TEST_CASE("the zero state is zero and zero has no sign", "[float_accumulator]") {
  const FloatAccumulate acc(FloatAccumulator{5, 10, Rounding::kTowardZero, std::nullopt});
  CHECK(acc.bits() == 16);
  std::int64_t state = 0;
  CHECK(acc.exact(state).mantissa == 0);
  acc.add(state, 3, -4);
  acc.add(state, -3, -4);
  CHECK(state == 0);
  acc.add(state, -1, -60);  // a negative underflow
  CHECK(state == 0);
  acc.add(state, 0, 10);
  CHECK(state == 0);
}

TEST_CASE("a sum beyond the largest value becomes it and is counted", "[float_accumulator]") {
  const FloatAccumulate acc(FloatAccumulator{});
  const auto largest = static_cast<double>(std::numeric_limits<float>::max());
  std::int64_t state = 0;
  CHECK_FALSE(acc.add(state, (std::int64_t{1} << 24) - 1, 104));
  CHECK(value(acc, state) == largest);
  CHECK_FALSE(acc.add(state, 1, 102));  // less than half a place: rounds back
  CHECK_FALSE(acc.add(state, 0, 0));
  CHECK(acc.add(state, 1, 103));  // a tie to even, which would be infinity
  CHECK(value(acc, state) == largest);
  CHECK(acc.add(state, -1, 400));
  CHECK(value(acc, state) == -largest);
}

TEST_CASE("truncation sees an addend of any size", "[float_accumulator]") {
  const FloatAccumulate acc(FloatAccumulator{8, 23, Rounding::kTowardZero, std::nullopt});
  std::int64_t state = 0;
  acc.add(state, 1, 100);
  acc.add(state, -1, -140);
  CHECK(value(acc, state) == std::ldexp(1.0 - 0x1p-24, 100));
  acc.add(state, 1, -140);
  CHECK(value(acc, state) == std::ldexp(1.0 - 0x1p-24, 100));
}

TEST_CASE("ties go to even only when nothing lies below them", "[float_accumulator]") {
  const FloatAccumulate acc(FloatAccumulator{8, 10, Rounding::kNearestEven, std::nullopt});
  std::int64_t state = 0;
  acc.add(state, 1, 0);
  acc.add(state, 1, -11);
  CHECK(value(acc, state) == 1.0);
  std::int64_t other = 0;
  acc.add(other, 1, 0);
  acc.add(other, (std::int64_t{1} << 50) + 1, -61);
  CHECK(value(acc, other) == 1.0 + 0x1p-10);
}

TEST_CASE("float accumulators outside the supported range are refused", "[float_accumulator]") {
  const auto make = [](unsigned e, unsigned m, Rounding rounding, std::optional<int> bias) {
    return FloatAccumulate(FloatAccumulator{e, m, rounding, bias});
  };
  CHECK_NOTHROW(make(2, 1, Rounding::kNearestEven, std::nullopt));
  CHECK_THROWS_AS(make(1, 3, Rounding::kNearestEven, std::nullopt), SpecError);
  CHECK_THROWS_AS(make(9, 3, Rounding::kNearestEven, std::nullopt), SpecError);
  CHECK_THROWS_AS(make(8, 0, Rounding::kNearestEven, std::nullopt), SpecError);
  CHECK_THROWS_AS(make(8, 24, Rounding::kNearestEven, std::nullopt), SpecError);
  CHECK_THROWS_AS(make(8, 23, Rounding::kFloor, std::nullopt), SpecError);
  CHECK_THROWS_AS(make(8, 23, Rounding::kNearestEven, 513), SpecError);
}
