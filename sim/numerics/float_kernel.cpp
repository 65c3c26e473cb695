// SPDX-License-Identifier: Apache-2.0
// The vectorised dot product of floating-point units. Lanes lie across the SIMD vector, so the group maximum and the
// group sum need no horizontal step. All arithmetic is on binary64 (binary32 for narrow formats) and exact where the
// definition is: products fit the significand, scaling is by powers of two, Trunc is the magnitude truncation, and
// group sums fit 53 bits (float_kernel_applies). Rounding into the accumulator goes through a sum rounded to odd, which
// a second rounding to at most 51 bits cannot tell from the exact one.
#include "sim/numerics/float_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "sim/numerics/float_scratch.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/numerics/float_kernel.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
using Wide = hn::CappedTag<T, 64 / sizeof(T)>;
using Doubles = Wide<double>;
using Longs = hn::RebindToSigned<Doubles>;

template <typename T>
constexpr int kMantissa = std::numeric_limits<T>::digits - 1;
template <typename T>
constexpr int kBias = std::numeric_limits<T>::max_exponent - 1;

/// Lane-wise 2^exponents, within the normal range of T.
template <typename T, class D, class VI>
HWY_INLINE hn::Vec<D> PowersOfTwo(D d, VI exponents) {
  const hn::RebindToSigned<D> di;
  using TI = hn::TFromD<decltype(di)>;
  return hn::BitCast(d, hn::ShiftLeft<kMantissa<T>>(hn::Add(exponents, hn::Set(di, static_cast<TI>(kBias<T>)))));
}

/// Codes to values times 2^scale_exponent.
template <typename T>
HWY_INLINE void DecodeValues(const FloatLayout& layout, int scale_exponent, const std::uint32_t* codes, std::size_t n,
                             T* values) {
  const Wide<T> d;
  const hn::RebindToSigned<Wide<T>> di;
  using TI = hn::TFromD<decltype(di)>;
  const int mantissa = static_cast<int>(layout.mantissa_bits);
  const int magnitude_bits = mantissa + static_cast<int>(layout.exponent_bits);
  const int offset = kBias<T> - layout.bias + scale_exponent;  // from F to the exponent field of T
  const auto magnitude_mask = hn::Set(di, static_cast<TI>((TI{1} << magnitude_bits) - 1));
  const auto least_normal = hn::Set(di, static_cast<TI>(TI{1} << mantissa));
  const auto rebias = hn::Set(di, static_cast<TI>(static_cast<TI>(offset) << kMantissa<T>));
  const auto one_field = hn::Set(di, static_cast<TI>(TI{1} << kMantissa<T>));
  const auto subnormal_excess = hn::Set(d, std::ldexp(T{1}, 1 - layout.bias + scale_exponent));
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const hn::Rebind<std::uint32_t, Wide<T>> d32;
    hn::Vec<decltype(di)> code;
    if constexpr (std::is_same_v<T, double>) {
      code = hn::BitCast(di, hn::PromoteTo(hn::RebindToUnsigned<decltype(di)>(), hn::Load(d32, codes + i)));
    } else {
      code = hn::BitCast(di, hn::Load(d32, codes + i));
    }
    const auto magnitude = hn::And(code, magnitude_mask);
    const auto sign = hn::ShiftLeft<static_cast<int>(sizeof(T)) * 8 - 1>(hn::ShiftRightSame(code, magnitude_bits));
    const auto subnormal = hn::Lt(magnitude, least_normal);
    // A subnormal is read with F = 1 as if it had the hidden bit, which is then subtracted: exact.
    auto bits = hn::Add(hn::ShiftLeftSame(magnitude, kMantissa<T> - mantissa), rebias);
    bits = hn::Add(bits, hn::IfThenElseZero(subnormal, one_field));
    auto value = hn::BitCast(d, bits);
    value = hn::Sub(value, hn::IfThenElseZero(hn::RebindMask(d, subnormal), subnormal_excess));
    hn::Store(hn::Or(value, hn::BitCast(d, sign)), d, values + i);
  }
}

/// Codes to effective exponent fields max(F, 1).
HWY_INLINE void DecodeFields(const FloatLayout& layout, const std::uint32_t* codes, std::size_t n,
                             std::int16_t* fields) {
  const Wide<std::int32_t> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const hn::RebindToUnsigned<decltype(d)> du;
  const auto mask = hn::Set(d, (std::int32_t{1} << layout.exponent_bits) - 1);
  const auto one = hn::Set(d, 1);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto code = hn::BitCast(d, hn::Load(du, codes + i));
    const auto field = hn::And(hn::ShiftRightSame(code, static_cast<int>(layout.mantissa_bits)), mask);
    hn::Store(hn::DemoteTo(d16, hn::Max(field, one)), d16, fields + i);
  }
}

/// e_max of every lane.
HWY_INLINE void MaxFields(const std::int16_t* a, const std::int16_t* b, std::size_t elements, std::int16_t* maxima) {
  const Wide<std::int16_t> d;
  for (std::size_t lane = 0; lane < kStripLanes; lane += hn::Lanes(d)) {
    auto largest = hn::Zero(d);
    for (std::size_t j = 0; j < elements; ++j) {
      const auto field = hn::Add(hn::Load(d, a + j * kStripLanes + lane), hn::Set(d, b[j]));
      largest = hn::Max(largest, field);
    }
    hn::Store(largest, d, maxima + lane);
  }
}

/// 2^(base + sign * maxima) per lane.
template <typename T>
HWY_INLINE void LaneScales(const std::int16_t* maxima, int base, bool negate, T* scales) {
  const Wide<T> d;
  const hn::RebindToSigned<Wide<T>> di;
  using TI = hn::TFromD<decltype(di)>;
  const hn::Rebind<std::int16_t, Wide<T>> d16;
  const hn::Rebind<std::int32_t, Wide<T>> d32;
  const auto base_v = hn::Set(di, static_cast<TI>(base));
  for (std::size_t lane = 0; lane < kStripLanes; lane += hn::Lanes(d)) {
    hn::Vec<decltype(di)> e;
    if constexpr (std::is_same_v<T, double>) {
      e = hn::PromoteTo(di, hn::PromoteTo(d32, hn::Load(d16, maxima + lane)));
    } else {
      e = hn::PromoteTo(d32, hn::Load(d16, maxima + lane));
    }
    const auto exponent = negate ? hn::Sub(base_v, e) : hn::Add(base_v, e);
    hn::Store(PowersOfTwo<T>(d, exponent), d, scales + lane);
  }
}

/// trunc(a * b * scale), the scale only where there is a window.
template <bool kScaled, class V>
HWY_INLINE V TruncatedProduct(V a, V b, V scale) {
  const V product = hn::Mul(a, b);
  return hn::Trunc(kScaled ? hn::Mul(product, scale) : product);
}

/// Group sums of a strip in binary64: S (kScaled) or T.
template <bool kScaled>
HWY_INLINE void GroupSums(const double* a, const double* b, const double* scales, std::size_t elements, double* sums) {
  const Doubles d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t lane = 0; lane < kStripLanes; lane += 4 * n) {
    const double* scale = scales + lane;
    const auto scale0 = hn::Load(d, scale), scale1 = hn::Load(d, scale + n);
    const auto scale2 = hn::Load(d, scale + 2 * n), scale3 = hn::Load(d, scale + 3 * n);
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    for (std::size_t j = 0; j < elements; ++j) {
      const double* column = a + j * kStripLanes + lane;
      const auto bj = hn::Set(d, b[j]);
      s0 = hn::Add(s0, TruncatedProduct<kScaled>(hn::Load(d, column), bj, scale0));
      s1 = hn::Add(s1, TruncatedProduct<kScaled>(hn::Load(d, column + n), bj, scale1));
      s2 = hn::Add(s2, TruncatedProduct<kScaled>(hn::Load(d, column + 2 * n), bj, scale2));
      s3 = hn::Add(s3, TruncatedProduct<kScaled>(hn::Load(d, column + 3 * n), bj, scale3));
    }
    hn::Store(s0, d, sums + lane);
    hn::Store(s1, d, sums + lane + n);
    hn::Store(s2, d, sums + lane + 2 * n);
    hn::Store(s3, d, sums + lane + 3 * n);
  }
}

/// The same in binary32 with 32-bit integer sums, for narrow formats (float_kernel_single).
template <bool kScaled>
HWY_INLINE void GroupSums(const float* a, const float* b, const float* scales, std::size_t elements, double* sums) {
  const Wide<float> d;
  const hn::RebindToSigned<Wide<float>> di;
  const std::size_t n = hn::Lanes(d);
  const auto term = [&](const float* column, hn::Vec<Wide<float>> bj, hn::Vec<Wide<float>> scale) HWY_ATTR {
    const auto product = hn::Mul(hn::Load(d, column), bj);
    return hn::ConvertTo(di, kScaled ? hn::Mul(product, scale) : product);
  };
  for (std::size_t lane = 0; lane < kStripLanes; lane += 2 * n) {
    const auto scale0 = hn::Load(d, scales + lane), scale1 = hn::Load(d, scales + lane + n);
    auto s0 = hn::Zero(di), s1 = hn::Zero(di);
    for (std::size_t j = 0; j < elements; ++j) {
      const float* column = a + j * kStripLanes + lane;
      const auto bj = hn::Set(d, b[j]);
      s0 = hn::Add(s0, term(column, bj, scale0));
      s1 = hn::Add(s1, term(column + n, bj, scale1));
    }
    HWY_ALIGN std::int32_t integers[2 * 16];
    hn::Store(s0, di, integers);
    hn::Store(s1, di, integers + n);
    const hn::Rebind<std::int32_t, Doubles> dh;
    for (std::size_t i = 0; i < 2 * n; i += hn::Lanes(Doubles())) {
      hn::Store(hn::PromoteTo(Doubles(), hn::Load(dh, integers + i)), Doubles(), sums + lane + i);
    }
  }
}

/// acc + term, exact, then one rounding to the grid, saturating, without a negative zero.
HWY_INLINE hn::Vec<Doubles> AddRounded(const FloatGrid& grid, hn::Vec<Doubles> acc, hn::Vec<Doubles> term,
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
  const auto shifter = hn::BitCast(d, hn::Add(binade, hn::Set(di, static_cast<std::int64_t>(52 - grid.mantissa) << 52)));
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

HWY_INLINE hn::Vec<Doubles> ToDouble(hn::Vec<Longs> x) {
  const auto shifter = hn::Set(Doubles(), kIntegerShifter);
  return hn::Sub(hn::BitCast(Doubles(), hn::Add(x, hn::BitCast(Longs(), shifter))), shifter);
}

HWY_INLINE hn::Vec<Longs> ToInteger(hn::Vec<Doubles> x) {
  const auto shifter = hn::Set(Doubles(), kIntegerShifter);
  return hn::Sub(hn::BitCast(Longs(), hn::Add(x, shifter)), hn::BitCast(Longs(), shifter));
}

/// clamp(acc + d) to `bits` bits. The sum is exact wherever it is not clamped.
HWY_INLINE hn::Vec<Doubles> AddClamped(unsigned bits, hn::Vec<Doubles> acc, hn::Vec<Doubles> term,
                                       std::uint64_t& saturations) {
  const Doubles d;
  const double limit = static_cast<double>(std::int64_t{1} << (bits - 1));
  const auto sum = hn::Add(acc, term);
  const auto clamped = hn::Min(hn::Max(sum, hn::Set(d, -limit)), hn::Set(d, limit - 1.0));
  saturations += hn::CountTrue(d, hn::Ne(clamped, sum));
  return clamped;
}

/// Adds the group sums of a strip to its states and ends the chunk if there is one.
HWY_INLINE std::uint64_t UpdateStates(const FloatPlan& plan, const double* sums, const double* units, bool chunk_end,
                                      std::int64_t* inner, std::int64_t* outer) {
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
      const auto term = hn::Mul(sum, hn::Load(d, units + lane));
      acc = AddRounded(plan.floating->grid(), hn::BitCast(d, state), term, saturations);
    } else {
      const auto scaled = hn::Mul(sum, hn::Set(d, tree_unit));
      const auto term = plan.fixed->floor ? hn::Floor(scaled) : hn::Round(scaled);
      acc = AddClamped(plan.fixed->bits, ToDouble(state), term, saturations);
    }
    if (chunk_end) {
      const auto total = hn::Load(di, outer + lane);
      if (plan.outer_floating) {
        const auto value = hn::Mul(acc, hn::Set(d, inner_unit));
        const auto next = AddRounded(plan.outer_floating->grid(), hn::BitCast(d, total), value, saturations);
        hn::Store(hn::BitCast(di, next), di, outer + lane);
      } else {
        hn::Store(ToInteger(AddClamped(*plan.outer_fixed_bits, ToDouble(total), acc, saturations)), di, outer + lane);
      }
      acc = hn::Zero(d);
    }
    hn::Store(plan.floating ? hn::BitCast(di, acc) : ToInteger(acc), di, inner + lane);
  }
  return saturations;
}

/// Group sums and the weights of their last bits, then the accumulators, of one row and one strip of lanes.
template <typename T>
HWY_INLINE std::uint64_t AccumulateStrip(const FloatPlan& plan, const FloatScratch<T>& scratch, std::size_t row,
                                         std::size_t elements, bool chunk_end, std::int64_t* inner,
                                         std::int64_t* outer) {
  HWY_ALIGN std::int16_t maxima[kStripLanes];
  HWY_ALIGN T scales[kStripLanes];
  HWY_ALIGN double units[kStripLanes];
  HWY_ALIGN double sums[kStripLanes];
  const T* b = scratch.b_values() + row * scratch.row_stride();
  if (plan.floating) {
    MaxFields(scratch.a_fields(), scratch.b_fields() + row * scratch.row_stride(), elements, maxima);
    const int u = 2 - plan.bias_sum - plan.window;  // + e_max
    LaneScales<T>(maxima, -u, true, scales);
    LaneScales<double>(maxima, u, false, units);
    GroupSums<true>(scratch.a_values(), b, scales, elements, sums);
  } else {
    GroupSums<false>(scratch.a_values(), b, scratch.a_values(), elements, sums);
  }
  return UpdateStates(plan, sums, units, chunk_end, inner, outer);
}

template <typename T>
HWY_INLINE std::uint64_t Accumulate(const FloatPlan& plan, const GroupBlock& block, Psum* psums,
                                    std::size_t psum_stride) {
  FloatScratch<T>& scratch = FloatScratch<T>::of_this_thread(block.rows, block.elements);
  const int scale_exponent = plan.fixed ? plan.fixed->fraction - plan.fixed->lam : 0;
  const bool chunk_end = plan.chunked && block.chunk_end;
  const std::size_t b_size = block.rows * scratch.row_stride();
  scratch.gather_b(block, plan.b_bytes);
  DecodeValues<T>(plan.b, 0, scratch.codes(), b_size, scratch.b_values());
  if (plan.floating) DecodeFields(plan.b, scratch.codes(), b_size, scratch.b_fields());

  std::uint64_t saturations = 0;
  HWY_ALIGN std::int64_t inner[kStripLanes] = {};
  HWY_ALIGN std::int64_t outer[kStripLanes] = {};
  for (std::size_t first = 0; first < block.lanes; first += kStripLanes) {
    const std::size_t lanes = std::min<std::size_t>(kStripLanes, block.lanes - first);
    const std::size_t a_size = block.elements * kStripLanes;
    scratch.gather_a(block, plan.a_bytes, first, lanes);
    DecodeValues<T>(plan.a, scale_exponent, scratch.codes(), a_size, scratch.a_values());
    if (plan.floating) DecodeFields(plan.a, scratch.codes(), a_size, scratch.a_fields());
    // Lanes beyond the last hold zeros times b: they stay zero and saturate nothing.
    std::fill(inner + lanes, inner + kStripLanes, 0);
    std::fill(outer + lanes, outer + kStripLanes, 0);
    for (std::size_t row = 0; row < block.rows; ++row) {
      Psum* states = psums + row * psum_stride + first;
      for (std::size_t i = 0; i < lanes; ++i) inner[i] = states[i].inner;
      if (chunk_end) {
        for (std::size_t i = 0; i < lanes; ++i) outer[i] = states[i].outer;
      }
      saturations += AccumulateStrip<T>(plan, scratch, row, block.elements, chunk_end, inner, outer);
      for (std::size_t i = 0; i < lanes; ++i) states[i].inner = inner[i];
      if (chunk_end) {
        for (std::size_t i = 0; i < lanes; ++i) states[i].outer = outer[i];
      }
    }
  }
  return saturations;
}

std::uint64_t AccumulateSingle(const FloatPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return Accumulate<float>(plan, block, psums, psum_stride);
}

std::uint64_t AccumulateDouble(const FloatPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return Accumulate<double>(plan, block, psums, psum_stride);
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lnsim::numerics {
namespace {

HWY_EXPORT(AccumulateSingle);
HWY_EXPORT(AccumulateDouble);

/// Bits of a group sum's magnitude.
int sum_bits(const FloatPlan& plan) {
  const int term = plan.fixed ? plan.top_exponent - plan.fixed->lam + plan.fixed->fraction : plan.window;
  return std::max(term, 0) + plan.log2_elements;
}

/// True if binary32 is enough: exact products, sums in 32-bit integers, and no exponent near the ends of its range.
bool single_is_enough(const FloatPlan& plan) {
  const int least = plan.least_product_exponent();
  const int scale = plan.fixed ? plan.fixed->fraction - plan.fixed->lam : 0;
  const int highest_u = plan.top_exponent - plan.window;
  const int lowest_u = 4 - plan.bias_sum - plan.window;
  const bool range = least >= -100 && plan.top_exponent <= 100 && std::abs(scale) <= 20 &&
                     (plan.fixed || (highest_u <= 100 && lowest_u >= -100));
  return plan.product_bits <= 24 && sum_bits(plan) <= 31 && range;
}

}  // namespace

bool float_kernel_applies(const FloatPlan& plan) { return sum_bits(plan) <= 53; }

std::uint64_t float_kernel_accumulate(const FloatPlan& plan, const GroupBlock& block, Psum* psums,
                                      std::size_t psum_stride) {
  if (single_is_enough(plan)) return HWY_DYNAMIC_DISPATCH(AccumulateSingle)(plan, block, psums, psum_stride);
  return HWY_DYNAMIC_DISPATCH(AccumulateDouble)(plan, block, psums, psum_stride);
}

}  // namespace lnsim::numerics
#endif  // HWY_ONCE
