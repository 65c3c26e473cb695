// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/numerics/float_format.hpp"
#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// What the code of a block's scale means (docs/block_formats.md, section 1).
enum class BlockScale : std::uint8_t {
  kE8M0,    ///< 2^(S - 127); 255 is NaN (OCP Microscaling Formats 1.0)
  kE4M3,    ///< a number of FP8 E4M3 without its sign (NVFP4)
  kOctaves  ///< 2^-S (block LNS)
};

inline constexpr int kE8M0Bias = 127;
/// Format of the scales of NVFP4.
[[nodiscard]] const FloatFormat& nvfp4_scale();

/// Elements of a number format that share a scale per block: value = tensor scale * scale(S) * decode(code) *
/// 2^element_exponent. Immutable and shared.
class BlockFormat {
 public:
  /// element_exponent: a power of two that belongs to the element (MXINT8: -6). Throws SpecError for scales that do not
  /// belong to the element: octaves to LNS, all others to INT and FP.
  BlockFormat(std::string name, FormatPtr element, unsigned block, BlockScale scale, unsigned scale_bits,
              int element_exponent);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Format& element() const { return *element_; }
  [[nodiscard]] const FormatPtr& element_ptr() const { return element_; }
  [[nodiscard]] unsigned block() const { return block_; }  ///< elements
  [[nodiscard]] BlockScale scale() const { return scale_; }
  [[nodiscard]] unsigned scale_bits() const { return scale_bits_; }
  [[nodiscard]] int element_exponent() const { return element_exponent_; }
  /// Bits of a whole block, its scale included.
  [[nodiscard]] std::uint64_t bits_per_block() const { return std::uint64_t{block_} * element_->bits() + scale_bits_; }

  /// The tensor scale of a tensor whose largest magnitude is max_abs (finite, >= 0): 1 in MX.
  [[nodiscard]] double usual_tensor_scale(double max_abs) const;
  /// Whether the code is a scale.
  [[nodiscard]] bool valid_scale(Code code) const;
  /// Value of a scale code. Throws CodeError if it is not valid.
  [[nodiscard]] double scale_value(Code code) const;
  /// scale_value(code) * 2^element_exponent: what products of the element codes are multiplied by, once per operand.
  [[nodiscard]] double factor(Code code) const { return std::ldexp(scale_value(code), element_exponent_); }
  /// factor() of every code of scale_bits() bits; 0 for those that are no scale.
  [[nodiscard]] std::vector<double> factors() const;
  /// The scale of a block whose largest magnitude is max_abs.
  [[nodiscard]] Code scale_of(double max_abs, double tensor_scale) const;

  /// Quantises at most block() elements; one code per element; returns how many were clipped. Throws CodeError for NaN
  /// and infinity.
  std::uint64_t quantize(std::span<const double> x, double tensor_scale, Code& scale, std::span<Code> codes) const;
  /// Quantises consecutive blocks, the last of which may be shorter: a byte per scale, a container of the element
  /// format per code. Returns how many elements were clipped; throws CodeError for NaN and infinity.
  std::uint64_t quantize_blocks(std::span<const double> x, double tensor_scale, std::byte* scales,
                                std::byte* codes) const;
  /// tensor_scale * factor(scale): what a block's elements are quantised at; 0 where the scale has vanished.
  [[nodiscard]] double element_scale(Code scale, double tensor_scale) const;
  /// Throws CodeError if a code is not valid.
  [[nodiscard]] double decode(Code scale, Code code, double tensor_scale) const;

 private:
  std::string name_;
  FormatPtr element_;
  unsigned block_;
  BlockScale scale_;
  unsigned scale_bits_;
  int element_exponent_;
  int largest_exponent_ = 0;  ///< MX: exponent of the element's largest number
};

using BlockFormatPtr = std::shared_ptr<const BlockFormat>;

/// mxfp8_e4m3, mxfp8_e5m2, mxfp6_e2m3, mxfp6_e3m2, mxfp4_e2m1, mxint8 and nvfp4, in this order.
[[nodiscard]] const std::vector<BlockFormatPtr>& named_block_formats();
/// The element format as tensors of the block format have it: a copy that knows its block(), named as it.
[[nodiscard]] FormatPtr block_scaled(const BlockFormatPtr& format);
/// nullptr if unknown.
[[nodiscard]] BlockFormatPtr find_block_format(std::string_view name);
/// LNS(bits, gamma), zero as a code, with an offset of 1 <= offset_bits <= 8 per 32 elements. Throws SpecError.
[[nodiscard]] BlockFormatPtr make_block_lns(unsigned bits, unsigned gamma, unsigned offset_bits);

}  // namespace lnsim::numerics
