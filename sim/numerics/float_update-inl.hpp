// SPDX-License-Identifier: Apache-2.0
// Accumulator updates of the float kernels, vectorised over lanes. Compiled once per target.
#if defined(LNSIM_NUMERICS_FLOAT_UPDATE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef LNSIM_NUMERICS_FLOAT_UPDATE_INL_HPP_
#undef LNSIM_NUMERICS_FLOAT_UPDATE_INL_HPP_
#else
#define LNSIM_NUMERICS_FLOAT_UPDATE_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstdint>

#include "sim/numerics/float_plan.hpp"
#include "sim/numerics/float_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {

/// acc + term, exact, then one rounding to the grid, saturating, without a negative zero.
HWY_INLINE hn::Vec<Doubles> add_rounded(const FloatGrid& grid, hn::Vec<Doubles> acc, hn::Vec<Doubles> term,
                                        std::uint64_t& saturations) {
  const Doubles d;
  const Longs di;
  // Knuth's two-sum: acc + term = sum + error exactly.
  const auto sum = hn::Add(acc, term);
  const auto part = hn::Sub(sum, acc);
  const auto error = hn::Add(hn::Sub(acc, hn::Sub(sum, part)), hn::Sub(term, part));
  // Round to odd: an inexact even sum moves one place towards its error. Bits count magnitudes, hence the signs.
  const auto bits = hn::BitCast(di, sum);
  const auto one = hn::Set(di, std::int64_t{1});
  const auto moves = hn::And(hn::RebindMask(di, hn::Ne(error, hn::Zero(d))), hn::Eq(hn::And(bits, one), hn::Zero(di)));
  const auto inwards = hn::BroadcastSignBit(hn::Xor(bits, hn::BitCast(di, error)));  // -1 or 0
  const auto odd = hn::Add(bits, hn::IfThenElseZero(moves, hn::Or(inwards, one)));
  const auto exact = hn::BitCast(d, odd);
  // Adding 2^(52 + g - m) leaves exactly the multiples of 2^(g - m), rounded to nearest even.
  const auto magnitude = hn::Abs(exact);
  const auto exponent_mask = hn::Set(di, std::int64_t{2047} << 52);
  const auto least_binade = hn::Set(di, static_cast<std::int64_t>(grid.min_exponent + 1023) << 52);
  const auto binade = hn::Max(hn::And(odd, exponent_mask), least_binade);
  const auto shifter =
      hn::BitCast(d, hn::Add(binade, hn::Set(di, static_cast<std::int64_t>(52 - grid.mantissa) << 52)));
  auto rounded = hn::Sub(hn::Add(magnitude, shifter), shifter);
  if (grid.truncate) {
    const auto place = hn::BitCast(d, hn::Sub(binade, hn::Set(di, static_cast<std::int64_t>(grid.mantissa) << 52)));
    rounded = hn::IfThenElse(hn::Gt(rounded, magnitude), hn::Sub(rounded, place), rounded);
  }
  const auto largest = hn::Set(d, grid.largest);
  saturations += hn::CountTrue(d, hn::Gt(rounded, largest));
  // -0 + 0 is +0.
  return hn::Add(hn::CopySign(hn::Min(rounded, largest), exact), hn::Zero(d));
}

// Integers below 2^51 in magnitude are the low bits of 1.5 * 2^52 plus themselves.
constexpr double kIntegerShifter = 6755399441055744.0;

HWY_INLINE hn::Vec<Doubles> to_double(hn::Vec<Longs> x) {
  const auto shifter = hn::Set(Doubles(), kIntegerShifter);
  return hn::Sub(hn::BitCast(Doubles(), hn::Add(x, hn::BitCast(Longs(), shifter))), shifter);
}

HWY_INLINE hn::Vec<Longs> to_integer(hn::Vec<Doubles> x) {
  const auto shifter = hn::Set(Doubles(), kIntegerShifter);
  return hn::Sub(hn::BitCast(Longs(), hn::Add(x, shifter)), hn::BitCast(Longs(), shifter));
}

/// clamp(acc + d) to `bits` bits. The sum is exact wherever it is not clamped.
HWY_INLINE hn::Vec<Doubles> add_clamped(unsigned bits, hn::Vec<Doubles> acc, hn::Vec<Doubles> term,
                                        std::uint64_t& saturations) {
  const Doubles d;
  const double limit = static_cast<double>(std::int64_t{1} << (bits - 1));
  const auto sum = hn::Add(acc, term);
  const auto clamped = hn::Min(hn::Max(sum, hn::Set(d, -limit)), hn::Set(d, limit - 1.0));
  saturations += hn::CountTrue(d, hn::Ne(clamped, sum));
  return clamped;
}

/// Adds the group sums of a strip, times `scales` unless null, to its states and ends the chunk if there is one. Both
/// multiplications are exact: sums times significands of scales fit 53 bits, and exponents are far from the ends.
HWY_INLINE std::uint64_t update_states(const FloatPlan& plan, const double* sums, const std::int16_t* maxima,
                                       const double* scales, bool chunk_end, std::int64_t* inner, std::int64_t* outer) {
  const Doubles d;
  const Longs di;
  std::uint64_t saturations = 0;
  const double tree_unit = plan.fixed ? std::ldexp(1.0, -plan.fixed->fraction) : 1.0;
  const double inner_unit = plan.fixed ? std::ldexp(1.0, plan.fixed->lam) : 1.0;
  for (std::size_t lane = 0; lane < kStripLanes; lane += hn::Lanes(d)) {
    const auto sum = hn::Load(d, sums + lane);
    const auto state = hn::Load(di, inner + lane);
    hn::Vec<Doubles> acc;
    if (plan.floating) {
      auto term = hn::Mul(sum, lane_powers<double, 1>(maxima + lane, plan.last_bit_exponent(0)));
      if (scales != nullptr) term = hn::Mul(term, hn::Load(d, scales + lane));
      acc = add_rounded(plan.floating->grid(), hn::BitCast(d, state), term, saturations);
    } else {
      const auto scaled = hn::Mul(sum, hn::Set(d, tree_unit));
      const auto term = plan.fixed->floor ? hn::Floor(scaled) : hn::Round(scaled);
      acc = add_clamped(plan.fixed->bits, to_double(state), term, saturations);
    }
    if (chunk_end) {
      const auto total = hn::Load(di, outer + lane);
      if (plan.outer_floating) {
        const auto value = hn::Mul(acc, hn::Set(d, inner_unit));
        const auto next = add_rounded(plan.outer_floating->grid(), hn::BitCast(d, total), value, saturations);
        hn::Store(hn::BitCast(di, next), di, outer + lane);
      } else {
        hn::Store(to_integer(add_clamped(*plan.outer_fixed_bits, to_double(total), acc, saturations)), di,
                  outer + lane);
      }
      acc = hn::Zero(d);
    }
    hn::Store(plan.floating ? hn::BitCast(di, acc) : to_integer(acc), di, inner + lane);
  }
  return saturations;
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
