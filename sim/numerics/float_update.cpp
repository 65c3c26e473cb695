// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_update.hpp"

#include <algorithm>

namespace lnsim::numerics {
namespace {

/// acc = clamp(acc + d) to `bits` bits; true if clamped.
bool add_clamped(std::int64_t& acc, std::int64_t d, unsigned bits) {
  const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
  const std::int64_t low = -high - 1;
  // |acc| < 2^48 and |d| < 2^62: the sum cannot overflow.
  const std::int64_t sum = acc + d;
  acc = std::clamp(sum, low, high);
  return acc != sum;
}

/// T / 2^fraction, floor or nearest even.
std::int64_t drop_fraction(std::int64_t t, const FixedGrid& grid) {
  if (grid.fraction == 0) return t;
  if (grid.fraction > 63) {  // |T| < 2^62 is below half of the LSB
    return grid.floor && t < 0 ? -1 : 0;
  }
  const std::int64_t quotient = t >> grid.fraction;
  if (grid.floor) return quotient;
  const std::uint64_t rest = static_cast<std::uint64_t>(t) & ((std::uint64_t{1} << grid.fraction) - 1);
  const std::uint64_t half = std::uint64_t{1} << (grid.fraction - 1);
  const bool up = rest > half || (rest == half && (quotient & 1) != 0);
  return quotient + (up ? 1 : 0);
}

}  // namespace

bool add_group_sum(const FloatPlan& plan, std::int64_t sum, int max_exponent, const ScaleProduct& scale, Psum& psum) {
  if (plan.fixed) return add_clamped(psum.inner, drop_fraction(sum, *plan.fixed), plan.fixed->bits);
  return plan.floating->add(psum.inner, sum * scale.significand, plan.last_bit_exponent(max_exponent) + scale.exponent);
}

bool end_chunk(const FloatPlan& plan, Psum& psum) {
  bool saturated = false;
  if (plan.outer_fixed_bits) {
    saturated = add_clamped(psum.outer, psum.inner, *plan.outer_fixed_bits);
  } else {
    const DotUnit::Exact inner =
        plan.floating ? plan.floating->exact(psum.inner) : DotUnit::Exact{psum.inner, plan.fixed->lam};
    saturated = plan.outer_floating->add(psum.outer, inner.mantissa, inner.exponent);
  }
  psum.inner = 0;
  return saturated;
}

}  // namespace lnsim::numerics
