// SPDX-License-Identifier: Apache-2.0
// Vector types of the float kernels, decoding of operands, and the alignment of a group. Compiled once per target.
#if defined(LNSIM_NUMERICS_FLOAT_VECTORS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef LNSIM_NUMERICS_FLOAT_VECTORS_INL_HPP_
#undef LNSIM_NUMERICS_FLOAT_VECTORS_INL_HPP_
#else
#define LNSIM_NUMERICS_FLOAT_VECTORS_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "sim/numerics/float_format.hpp"
#include "sim/numerics/float_scratch.hpp"

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

/// Codes to values times 2^scale_exponent.
template <typename T>
HWY_INLINE void decode_values(const FloatLayout& layout, int scale_exponent, const std::uint32_t* codes, std::size_t n,
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
HWY_INLINE void decode_fields(const FloatLayout& layout, const std::uint32_t* codes, std::size_t n,
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
HWY_INLINE void max_fields(const std::int16_t* a, const std::int16_t* b, std::size_t elements, std::int16_t* maxima) {
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

/// 2^(base + kSign * maximum) of the lanes of one vector; maxima points at the first of them.
template <typename T, int kSign>
HWY_INLINE hn::Vec<Wide<T>> lane_powers(const std::int16_t* maxima, int base) {
  const Wide<T> d;
  const hn::RebindToSigned<Wide<T>> di;
  using TI = hn::TFromD<decltype(di)>;
  const hn::Rebind<std::int32_t, Wide<T>> d32;
  const auto narrow = hn::PromoteTo(d32, hn::Load(hn::Rebind<std::int16_t, Wide<T>>(), maxima));
  const auto base_field = hn::Set(di, static_cast<TI>(base + kBias<T>));
  hn::Vec<decltype(di)> maximum;
  if constexpr (std::is_same_v<T, double>) {
    maximum = hn::PromoteTo(di, narrow);
  } else {
    maximum = narrow;
  }
  const auto field = kSign > 0 ? hn::Add(base_field, maximum) : hn::Sub(base_field, maximum);
  return hn::BitCast(d, hn::ShiftLeft<kMantissa<T>>(field));
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
