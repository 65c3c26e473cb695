// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_accumulator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace lnsim::numerics {
namespace {

/// Both terms of an addition are aligned below this bit: sums stay inside 63 bits.
constexpr int kTopBit = 61;

int leading_bit(std::uint64_t x) { return static_cast<int>(std::bit_width(x)) - 1; }

/// x >> shift with everything shifted out ORed into the last bit.
std::uint64_t shift_right_sticky(std::uint64_t x, int shift) {
  if (shift <= 0) return x;
  if (shift > 63) return x != 0 ? 1 : 0;
  const std::uint64_t lost = x & ((std::uint64_t{1} << shift) - 1);
  return (x >> shift) | (lost != 0 ? 1 : 0);
}

struct Aligned {
  std::int64_t sum = 0;  ///< rounds as the exact sum does
  int exponent = 0;      ///< weight of its last bit
};

/// a + b for nonzero a and b: the one with the higher leading bit is normalised to kTopBit, the other is shifted to the
/// same weight with a sticky last bit. Where terms cancel, their leading bits are neighbours and nothing is lost.
Aligned align_and_add(const DotUnit::Exact& a, const DotUnit::Exact& b) {
  const auto magnitude = [](const DotUnit::Exact& x) { return static_cast<std::uint64_t>(std::llabs(x.mantissa)); };
  const int top_a = leading_bit(magnitude(a)) + a.exponent;
  const int top_b = leading_bit(magnitude(b)) + b.exponent;
  const int exponent = std::max(top_a, top_b) - kTopBit;
  const auto align = [&](const DotUnit::Exact& x) {
    const int left = x.exponent - exponent;
    const std::uint64_t shifted = left >= 0 ? magnitude(x) << left : shift_right_sticky(magnitude(x), -left);
    const auto value = static_cast<std::int64_t>(shifted);
    return x.mantissa < 0 ? -value : value;
  };
  return {align(a) + align(b), exponent};
}

/// round(x / 2^shift) for shift >= 1.
std::uint64_t round_shift(std::uint64_t x, int shift, bool truncate) {
  if (shift > 63) return 0;  // x < 2^63: less than a half
  const std::uint64_t quotient = x >> shift;
  if (truncate) return quotient;
  const std::uint64_t rest = x & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  return quotient + ((rest > half || (rest == half && (quotient & 1) != 0)) ? 1 : 0);
}

}  // namespace

FloatAccumulate::FloatAccumulate(const FloatAccumulator& format) {
  if (format.exponent < 2 || format.exponent > 8) throw SpecError("float accumulator: exponent bits must lie in 2..8");
  if (format.mantissa < 1 || format.mantissa > 23)
    throw SpecError("float accumulator: mantissa bits must lie in 1..23");
  if (format.rounding == Rounding::kFloor) {
    throw SpecError("float accumulator: rounding must be nearest even (rhe) or toward zero (zero)");
  }
  const int bias = format.bias.value_or((1 << (format.exponent - 1)) - 1);
  if (bias < -512 || bias > 512) throw SpecError("float accumulator: the bias must lie in -512..512");
  const int mantissa = static_cast<int>(format.mantissa);
  const int max_exponent = (1 << format.exponent) - 2 - bias;
  grid_.mantissa = mantissa;
  grid_.min_exponent = 1 - bias;
  grid_.largest = std::ldexp(static_cast<double>((std::uint64_t{1} << (mantissa + 1)) - 1), max_exponent - mantissa);
  grid_.truncate = format.rounding == Rounding::kTowardZero;
  bits_ = 1 + format.exponent + format.mantissa;
}

DotUnit::Exact FloatAccumulate::exact(std::int64_t state) const {
  const auto bits = static_cast<std::uint64_t>(state);
  if (bits == 0) return {};
  // States are normal binary64 numbers: the bias limit keeps the smallest subnormal of the accumulator above 2^-1022.
  const std::uint64_t significand = (bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1} << 52);
  const int zeros = std::countr_zero(significand);
  const int exponent = static_cast<int>((bits >> 52) & 2047) - 1023 - 52;
  const auto mantissa = static_cast<std::int64_t>(significand >> zeros);
  return {state < 0 ? -mantissa : mantissa, exponent + zeros};
}

bool FloatAccumulate::add(std::int64_t& state, std::int64_t s, int u) const {
  if (s == 0) return false;
  const DotUnit::Exact old = exact(state);
  // Alone, s needs no alignment beyond its own bits.
  const Aligned sum = old.mantissa == 0 ? Aligned{s, u} : align_and_add(old, {s, u});
  if (sum.sum == 0) {
    state = 0;
    return false;
  }
  const auto magnitude = static_cast<std::uint64_t>(std::llabs(sum.sum));
  const int binade = std::max(leading_bit(magnitude) + sum.exponent, grid_.min_exponent);
  const int grid_exponent = binade - grid_.mantissa;
  const int shift = grid_exponent - sum.exponent;
  // A sum with fewer bits than the grid offers is exact; else at most m + 2 bits remain.
  double rounded = shift <= 0
                       ? std::ldexp(static_cast<double>(magnitude), sum.exponent)
                       : std::ldexp(static_cast<double>(round_shift(magnitude, shift, grid_.truncate)), grid_exponent);
  const bool saturated = rounded > grid_.largest;
  if (saturated) rounded = grid_.largest;
  if (rounded == 0.0) {
    state = 0;
  } else {
    state = std::bit_cast<std::int64_t>(sum.sum < 0 ? -rounded : rounded);
  }
  return saturated;
}

}  // namespace lnsim::numerics
