// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// Layout of a floating-point format. From the top of a code: sign s, exponent field F, fraction m. With f = max(F, 1)
/// and significand n = m + 2^M if F > 0, else m, the code stands for (-1)^s * n * 2^(f - bias - M).
struct FloatLayout {
  unsigned exponent_bits = 0;  ///< E, 1..8
  unsigned mantissa_bits = 0;  ///< M, 0..23
  int bias = 0;
  Code largest_finite = 0;  ///< with s = 0; every code of a larger magnitude is not a number
};

/// How the usual scale of a tensor follows from its largest magnitude.
enum class FloatScaleRule : std::uint8_t {
  kPowerOfTwo,  ///< the smallest power of two with which the largest magnitude does not exceed the largest finite value
  kOne          ///< 1: the format's own range is enough
};

/// The fields of one code as a multiplier sees them.
struct FloatParts {
  bool negative = false;
  unsigned field = 1;             ///< f = max(F, 1)
  std::uint32_t significand = 0;  ///< n, with the hidden bit of normal numbers
};

/// A binary floating-point element format of at most 32 bits, subnormals kept, no infinities produced.
/// Sources: OCP OFP8 1.0 (FP8), OCP Microscaling 1.0 (FP6, FP4), IEEE 754-2019 (FP16, FP32; BF16 and TF32 after it).
class FloatFormat final : public Format {
 public:
  /// Throws SpecError if the fields do not fit the supported range or the largest code does not fit the fields.
  FloatFormat(std::string name, const FloatLayout& layout, FloatScaleRule scale_rule);

  [[nodiscard]] FormatKind kind() const override { return FormatKind::kFloat; }
  [[nodiscard]] unsigned bits() const override { return 1 + layout_.exponent_bits + layout_.mantissa_bits; }
  /// True if the code fits and is neither NaN nor Inf.
  [[nodiscard]] bool valid(Code code) const override;
  /// y = x / scale in binary64, then nearest even on the format's grid, saturating; the sign of y is kept, zeros too.
  [[nodiscard]] Encoded encode(double x, double scale) const override;
  /// scale * value, the product in binary64 (the value itself is exact). Throws CodeError if the code is not valid.
  [[nodiscard]] double decode(Code code, double scale) const override;
  [[nodiscard]] double usual_scale(double max_abs) const override;
  std::uint64_t quantize(std::span<const double> x, double scale, std::byte* codes) const override;

  [[nodiscard]] const FloatLayout& layout() const { return layout_; }
  /// Splits a valid code into sign, effective exponent field and significand.
  [[nodiscard]] FloatParts parts(Code code) const;
  /// Exponent field of the largest finite code (E4M3: 15, E5M2: 30).
  [[nodiscard]] unsigned largest_field() const { return layout_.largest_finite >> layout_.mantissa_bits; }
  [[nodiscard]] double largest_value() const { return largest_value_; }

 private:
  [[nodiscard]] std::string own_name() const override { return name_; }

  std::string name_;
  FloatLayout layout_;
  FloatScaleRule scale_rule_;
  double largest_value_ = 0.0;
};

/// Appends fp8_e4m3, fp8_e5m2, fp6_e2m3, fp6_e3m2, fp4_e2m1, fp16, bf16, tf32 and fp32, in this order.
void append_float_formats(std::vector<FormatPtr>& formats);

}  // namespace lnsim::numerics
