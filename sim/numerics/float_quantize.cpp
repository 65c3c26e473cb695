// SPDX-License-Identifier: Apache-2.0
// The vectorised quantiser of floating-point formats: rounding by the addition of a power of two, in whose sum the
// integer k of the definition appears as the low bits.
#include "sim/numerics/float_quantize.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/numerics/float_quantize.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "sim/numerics/simd_dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using QuantizeDoubles = hn::CappedTag<double, 8>;

/// The layout as vectors.
struct QuantizeConstants {
  explicit QuantizeConstants(const FloatLayout& layout)
      : mantissa(static_cast<int>(layout.mantissa_bits)),
        sign_shift(static_cast<int>(layout.exponent_bits + layout.mantissa_bits)),
        least_binade(static_cast<std::int64_t>(1 - layout.bias + 1023) << 52),
        to_shifter(static_cast<std::int64_t>(52 - mantissa) << 52),
        rebias(1023 - layout.bias + 1),
        largest(layout.largest_finite) {}

  int mantissa;
  int sign_shift;
  std::int64_t least_binade;  ///< 2^(1 - bias)
  std::int64_t to_shifter;    ///< from 2^g to 2^(52 + g - M), whose last place is that of the format
  std::int64_t rebias;
  std::int64_t largest;
};

/// Codes of one vector of quotients; `clipped` and `any_nan` are updated.
HWY_INLINE hn::Vec<hn::RebindToUnsigned<QuantizeDoubles>> encode_vector(const QuantizeConstants& format,
                                                                        hn::Vec<QuantizeDoubles> y,
                                                                        QuantizeCounts& counts) {
  const QuantizeDoubles d;
  const hn::RebindToSigned<QuantizeDoubles> di;
  const hn::RebindToUnsigned<QuantizeDoubles> du;
  counts.any_nan |= !hn::AllFalse(d, hn::Ne(y, y));
  // Infinities become a power that every format saturates and whose shifter is finite.
  const auto magnitude = hn::Min(hn::Abs(y), hn::Set(d, 0x1p+500));
  const auto exponent = hn::And(hn::BitCast(di, magnitude), hn::Set(di, std::int64_t{2047} << 52));
  const auto binade = hn::Max(exponent, hn::Set(di, format.least_binade));
  const auto shifter = hn::Add(binade, hn::Set(di, format.to_shifter));
  const auto sum = hn::BitCast(di, hn::Add(magnitude, hn::BitCast(d, shifter)));
  const auto k = hn::Sub(sum, shifter);  // the shifter's own fraction is zero
  const auto field = hn::Sub(hn::ShiftRight<52>(binade), hn::Set(di, format.rebias));  // g + bias - 1
  const auto code = hn::Add(k, hn::ShiftLeftSame(field, format.mantissa));
  const auto largest = hn::Set(di, format.largest);
  const auto beyond = hn::Gt(code, largest);
  counts.clipped += hn::CountTrue(di, beyond);
  const auto finite = hn::BitCast(du, hn::IfThenElse(beyond, largest, code));
  const auto sign = hn::ShiftLeftSame(hn::ShiftRight<63>(hn::BitCast(du, y)), format.sign_shift);
  return hn::Or(finite, sign);
}

template <typename Container>
HWY_INLINE std::size_t quantize_as(const FloatLayout& layout, const double* x, std::size_t n, double scale,
                                   Container* codes, QuantizeCounts& counts) {
  const QuantizeDoubles d;
  const hn::Rebind<Container, QuantizeDoubles> dc;
  const QuantizeConstants format(layout);
  const auto divisor = hn::Set(d, scale);
  QuantizeCounts local;  // stays in registers
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    const auto y = hn::Div(hn::LoadU(d, x + i), divisor);
    hn::StoreU(hn::TruncateTo(dc, encode_vector(format, y, local)), dc, codes + i);
  }
  counts.clipped += local.clipped;
  counts.any_nan |= local.any_nan;
  return i;
}

std::size_t quantize_vectors(const FloatLayout& layout, unsigned container_bytes, const double* x, std::size_t n,
                             double scale, std::byte* codes, QuantizeCounts& counts) {
  switch (container_bytes) {
    case 1: return quantize_as(layout, x, n, scale, reinterpret_cast<std::uint8_t*>(codes), counts);
    case 2: return quantize_as(layout, x, n, scale, reinterpret_cast<std::uint16_t*>(codes), counts);
    default: return quantize_as(layout, x, n, scale, reinterpret_cast<std::uint32_t*>(codes), counts);
  }
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

LNSIM_KERNEL(lnsim::numerics, quantize_vectors)

#if HWY_ONCE
namespace lnsim::numerics {
std::size_t float_quantize_vectors(const FloatLayout& layout, unsigned container_bytes, std::span<const double> x,
                                   double scale, std::byte* codes, QuantizeCounts& counts) {
  return LNSIM_KERNEL_CALL(quantize_vectors)(layout, container_bytes, x.data(), x.size(), scale, codes, counts);
}

}  // namespace lnsim::numerics
#endif  // HWY_ONCE
