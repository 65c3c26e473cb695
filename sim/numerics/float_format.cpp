// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sim/numerics/float_quantize.hpp"

namespace lnsim::numerics {
namespace {

// binary64: the carrier of values and of the quotient x / scale.
constexpr int kDoubleMantissa = 52;
constexpr int kDoubleBias = 1023;
constexpr std::uint64_t kDoubleMagnitude = ~std::uint64_t{0} >> 1;
constexpr std::uint64_t kDoubleInfinity = std::uint64_t{2047} << kDoubleMantissa;

/// The magnitude code of |y| before saturation, from the bits of |y| (not NaN): k + (g + bias - 1) * 2^M with
/// g = max(floor(log2 |y|), 1 - bias) and k = rhe(|y| * 2^(M - g)). By bits, without libm.
inline std::uint64_t unlimited_magnitude(const FloatLayout& layout, std::uint64_t magnitude) {
  const int mantissa = static_cast<int>(layout.mantissa_bits);
  const int exponent = static_cast<int>(magnitude >> kDoubleMantissa) - kDoubleBias;
  // A binary64 zero or subnormal gets a hidden bit it does not have: it is below 2^-1022 and becomes 0 either way.
  const std::uint64_t significand =
      (magnitude & ((std::uint64_t{1} << kDoubleMantissa) - 1)) | (std::uint64_t{1} << kDoubleMantissa);
  const int g = std::max(exponent, 1 - layout.bias);
  // Beyond 54 the significand is less than half of the last place, as it is at 54.
  const int shift = std::min(kDoubleMantissa - mantissa + (g - exponent), 54);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t k = (significand + (half - 1) + ((significand >> shift) & 1)) >> shift;
  return k + (static_cast<std::uint64_t>(g + layout.bias - 1) << mantissa);
}

inline Encoded encode_quotient(const FloatLayout& layout, double y) {
  const auto bits = std::bit_cast<std::uint64_t>(y);
  const std::uint64_t magnitude = unlimited_magnitude(layout, bits & kDoubleMagnitude);
  const std::uint64_t code = std::min<std::uint64_t>(magnitude, layout.largest_finite);
  const std::uint64_t sign = (bits >> 63) << (layout.exponent_bits + layout.mantissa_bits);
  return {static_cast<Code>(sign | code), magnitude > layout.largest_finite};
}

inline bool is_nan(double y) { return (std::bit_cast<std::uint64_t>(y) & kDoubleMagnitude) > kDoubleInfinity; }

void check_layout(const std::string& name, const FloatLayout& layout) {
  const bool sizes = layout.exponent_bits >= 1 && layout.exponent_bits <= 8 && layout.mantissa_bits <= 23;
  if (!sizes) throw SpecError(name + ": a float format has 1..8 exponent and 0..23 mantissa bits");
  const Code limit = Code{1} << (layout.exponent_bits + layout.mantissa_bits);
  if (layout.largest_finite == 0 || layout.largest_finite >= limit) {
    throw SpecError(name + ": the largest finite code does not fit the exponent and mantissa fields");
  }
  if (layout.bias < -128 || layout.bias > 128) throw SpecError(name + ": the exponent bias must lie in -128..128");
}

}  // namespace

FloatFormat::FloatFormat(std::string name, const FloatLayout& layout, FloatScaleRule scale_rule)
    : name_(std::move(name)), layout_(layout), scale_rule_(scale_rule) {
  check_layout(name_, layout_);
  largest_value_ = decode(layout_.largest_finite, 1.0);
}

bool FloatFormat::valid(Code code) const {
  const Code sign = Code{1} << (bits() - 1);
  return (code & ~sign) <= layout_.largest_finite;
}

FloatParts FloatFormat::parts(Code code) const {
  const Code fraction = code & ((Code{1} << layout_.mantissa_bits) - 1);
  const Code field = (code >> layout_.mantissa_bits) & ((Code{1} << layout_.exponent_bits) - 1);
  FloatParts parts;
  parts.negative = ((code >> (bits() - 1)) & 1U) != 0;
  parts.field = std::max<Code>(field, 1);
  parts.significand = field > 0 ? fraction | (Code{1} << layout_.mantissa_bits) : fraction;
  return parts;
}

Encoded FloatFormat::encode(double x, double scale) const {
  const double y = x / scale;
  if (is_nan(y)) throw CodeError(name_ + ": NaN cannot be quantised");
  return encode_quotient(layout_, y);
}

double FloatFormat::decode(Code code, double scale) const {
  if (!valid(code)) throw CodeError(name_ + ": code " + std::to_string(code) + " is not a number of the format");
  const FloatParts p = parts(code);
  const int exponent = static_cast<int>(p.field) - layout_.bias - static_cast<int>(layout_.mantissa_bits);
  const double magnitude = std::ldexp(static_cast<double>(p.significand), exponent);
  return scale * (p.negative ? -magnitude : magnitude);
}

double FloatFormat::usual_scale(double max_abs) const {
  if (scale_rule_ == FloatScaleRule::kOne || max_abs == 0.0) return 1.0;
  int exponent = std::ilogb(max_abs) - std::ilogb(largest_value_);
  if (std::ldexp(largest_value_, exponent) < max_abs) ++exponent;
  // A scale must not be zero: a tensor of the smallest binary64 subnormals gets the smallest power of two there is.
  return std::ldexp(1.0, std::max(exponent, 1 - kDoubleBias - kDoubleMantissa));
}

std::uint64_t FloatFormat::quantize(std::span<const double> x, double scale, std::byte* codes) const {
  QuantizeCounts counts;
  const unsigned bytes = container_bytes();
  for (std::size_t i = float_quantize_vectors(layout_, bytes, x, scale, codes, counts); i < x.size(); ++i) {
    const Encoded encoded = encode(x[i], scale);
    counts.clipped += encoded.clipped ? 1U : 0U;
    store_code(codes, i, bytes, encoded.code);
  }
  if (counts.any_nan) throw CodeError(name_ + ": NaN cannot be quantised");
  return counts.clipped;
}

void append_float_formats(std::vector<FormatPtr>& formats) {
  const auto add = [&formats](const char* name, const FloatLayout& layout, FloatScaleRule rule) {
    formats.push_back(std::make_shared<const FloatFormat>(name, layout, rule));
  };
  const auto small = FloatScaleRule::kPowerOfTwo;
  const auto wide = FloatScaleRule::kOne;
  // Exponent bits, mantissa bits, bias, largest finite code.
  add("fp8_e4m3", {4, 3, 7, 0x7E}, small);
  add("fp8_e5m2", {5, 2, 15, 0x7B}, small);
  add("fp6_e2m3", {2, 3, 1, 0x1F}, small);
  add("fp6_e3m2", {3, 2, 3, 0x1F}, small);
  add("fp4_e2m1", {2, 1, 1, 0x7}, small);
  add("fp16", {5, 10, 15, 0x7BFF}, wide);
  add("bf16", {8, 7, 127, 0x7F7F}, wide);
  add("tf32", {8, 10, 127, 0x3FBFF}, wide);
  add("fp32", {8, 23, 127, 0x7F7FFFFF}, wide);
}

}  // namespace lnsim::numerics
