// SPDX-License-Identifier: Apache-2.0
// Group sums of the float kernels: the inner loops. Compiled once per target.
#if defined(LNSIM_NUMERICS_FLOAT_SUMS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef LNSIM_NUMERICS_FLOAT_SUMS_INL_HPP_
#undef LNSIM_NUMERICS_FLOAT_SUMS_INL_HPP_
#else
#define LNSIM_NUMERICS_FLOAT_SUMS_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "sim/numerics/float_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {

/// trunc(a * b * scale); the scale only where there is a window.
template <bool kScaled, class V>
HWY_INLINE V truncated_product(V a, V b, V scale) {
  const V product = hn::Mul(a, b);
  return hn::Trunc(kScaled ? hn::Mul(product, scale) : product);
}

/// Group sums of a strip in binary64: S with kScaled (the window of a lane ends with 2^(maximum - base)), or T.
template <bool kScaled>
HWY_INLINE void group_sums(const double* a, const double* b, const std::int16_t* maxima, int base, std::size_t elements,
                           double* sums) {
  const Doubles d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t lane = 0; lane < kStripLanes; lane += 4 * n) {
    const std::int16_t* maximum = maxima + lane;
    const auto scale0 = lane_powers<double, -1>(maximum, base);
    const auto scale1 = lane_powers<double, -1>(maximum + n, base);
    const auto scale2 = lane_powers<double, -1>(maximum + 2 * n, base);
    const auto scale3 = lane_powers<double, -1>(maximum + 3 * n, base);
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    for (std::size_t j = 0; j < elements; ++j) {
      const double* column = a + j * kStripLanes + lane;
      const auto bj = hn::Set(d, b[j]);
      s0 = hn::Add(s0, truncated_product<kScaled>(hn::Load(d, column), bj, scale0));
      s1 = hn::Add(s1, truncated_product<kScaled>(hn::Load(d, column + n), bj, scale1));
      s2 = hn::Add(s2, truncated_product<kScaled>(hn::Load(d, column + 2 * n), bj, scale2));
      s3 = hn::Add(s3, truncated_product<kScaled>(hn::Load(d, column + 3 * n), bj, scale3));
    }
    hn::Store(s0, d, sums + lane);
    hn::Store(s1, d, sums + lane + n);
    hn::Store(s2, d, sums + lane + 2 * n);
    hn::Store(s3, d, sums + lane + 3 * n);
  }
}

/// The same with 64-bit integer sums, where they need more than 53 bits. A product has at most 48, so each one is
/// exact.
template <bool kScaled>
HWY_INLINE void group_sums(const double* a, const double* b, const std::int16_t* maxima, int base, std::size_t elements,
                           std::int64_t* sums) {
  const Doubles d;
  const Longs di;
  for (std::size_t lane = 0; lane < kStripLanes; lane += hn::Lanes(d)) {
    const auto scale = lane_powers<double, -1>(maxima + lane, base);
    auto sum = hn::Zero(di);
    for (std::size_t j = 0; j < elements; ++j) {
      const auto column = hn::Load(d, a + j * kStripLanes + lane);
      sum = hn::Add(sum, hn::ConvertTo(di, truncated_product<kScaled>(column, hn::Set(d, b[j]), scale)));
    }
    hn::Store(sum, di, sums + lane);
  }
}

// Truncation to integers far inside their range: ConvertTo would spend more instructions on overflow than on the rest.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE2  // its vectors are the machine's
HWY_INLINE hn::Vec128<std::int32_t> truncate_to_integer(hn::Vec128<float> x) {
  return hn::Vec128<std::int32_t>{_mm_cvttps_epi32(x.raw)};
}
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE hn::Vec256<std::int32_t> truncate_to_integer(hn::Vec256<float> x) {
  return hn::Vec256<std::int32_t>{_mm256_cvttps_epi32(x.raw)};
}
#endif
#if HWY_TARGET <= HWY_AVX3
HWY_INLINE hn::Vec512<std::int32_t> truncate_to_integer(hn::Vec512<float> x) {
  return hn::Vec512<std::int32_t>{_mm512_cvttps_epi32(x.raw)};
}
#endif
#else
HWY_INLINE hn::Vec<hn::RebindToSigned<Wide<float>>> truncate_to_integer(hn::Vec<Wide<float>> x) {
  return hn::ConvertTo(hn::RebindToSigned<Wide<float>>(), x);
}
#endif

/// The same in binary32 with 32-bit integer sums, for narrow formats (float_kernel_single).
template <bool kScaled>
HWY_INLINE void group_sums(const float* a, const float* b, const std::int16_t* maxima, int base, std::size_t elements,
                           double* sums) {
  const Wide<float> d;
  const hn::RebindToSigned<Wide<float>> di;
  const std::size_t n = hn::Lanes(d);
  const auto term = [&](const float* column, hn::Vec<Wide<float>> bj, hn::Vec<Wide<float>> scale) HWY_ATTR {
    const auto product = hn::Mul(hn::Load(d, column), bj);
    return truncate_to_integer(kScaled ? hn::Mul(product, scale) : product);
  };
  for (std::size_t lane = 0; lane < kStripLanes; lane += 2 * n) {
    const auto scale0 = lane_powers<float, -1>(maxima + lane, base);
    const auto scale1 = lane_powers<float, -1>(maxima + lane + n, base);
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

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
