// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/block_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <type_traits>
#include <utility>

#include "sim/numerics/float_format.hpp"
#include "sim/numerics/int.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {
namespace {

constexpr Code kE8M0Largest = 254;
constexpr unsigned kMxBlock = 32;
constexpr unsigned kNvfp4Block = 16;

/// floor(log2 x) of a positive finite number, exactly.
int floor_log2(double x) {
  int exponent = 0;
  (void)std::frexp(x, &exponent);
  return exponent - 1;
}

/// Infinity or NaN if one of the values is. Magnitudes are ordered as their bits are, and those of NaN come last.
double largest_magnitude(std::span<const double> x) {
  constexpr std::uint64_t kMagnitude = ~std::uint64_t{0} >> 1U;
  std::array<std::uint64_t, 4> most{};  // chains that do not wait for each other
  std::size_t i = 0;
  for (; i + most.size() <= x.size(); i += most.size()) {
    for (std::size_t j = 0; j < most.size(); ++j) {
      most[j] = std::max(most[j], std::bit_cast<std::uint64_t>(x[i + j]) & kMagnitude);
    }
  }
  for (; i < x.size(); ++i) most[0] = std::max(most[0], std::bit_cast<std::uint64_t>(x[i]) & kMagnitude);
  return std::bit_cast<double>(*std::max_element(most.begin(), most.end()));
}

/// Exponent of the largest number of an MX element: OCP's emax. INT8 is 1.984..., in [1, 2).
int largest_exponent(const Format& element) {
  const auto* floating = dynamic_cast<const FloatFormat*>(&element);
  return floating == nullptr ? 0 : floor_log2(floating->largest_value());
}

BlockFormatPtr mx(const std::string& name, const char* element, int element_exponent = 0) {
  return std::make_shared<const BlockFormat>(name, find_format(element), kMxBlock, BlockScale::kE8M0, 8,
                                             element_exponent);
}

}  // namespace

const FloatFormat& nvfp4_scale() {
  static const FormatPtr format = find_format("fp8_e4m3");
  return dynamic_cast<const FloatFormat&>(*format);
}

BlockFormat::BlockFormat(std::string name, FormatPtr element, unsigned block, BlockScale scale, unsigned scale_bits,
                         int element_exponent)
    : name_(std::move(name)),
      element_(std::move(element)),
      block_(block),
      scale_(scale),
      scale_bits_(scale_bits),
      element_exponent_(element_exponent) {
  if (block < 1) throw SpecError("a block of no elements");
  if ((scale == BlockScale::kOctaves) != (element_->kind() == FormatKind::kLns)) {
    throw SpecError("a scale in octaves belongs to LNS elements, and they to it");
  }
  if (scale == BlockScale::kE8M0) largest_exponent_ = largest_exponent(*element_);
}

double BlockFormat::usual_tensor_scale(double max_abs) const {
  if (scale_ == BlockScale::kE8M0) return 1.0;
  if (scale_ == BlockScale::kOctaves) return max_abs > 0.0 ? max_abs : 1.0;
  const auto largest_element = dynamic_cast<const FloatFormat&>(*element_).largest_value();
  const auto scale =
      static_cast<double>(static_cast<float>(max_abs / (nvfp4_scale().largest_value() * largest_element)));
  return scale > 0.0 && std::isfinite(scale) ? scale : 1.0;
}

bool BlockFormat::valid_scale(Code code) const {
  if (scale_ == BlockScale::kE8M0) return code <= kE8M0Largest;
  if (scale_ == BlockScale::kOctaves) return code >> scale_bits_ == 0;
  return code < 128 && nvfp4_scale().valid(code);
}

double BlockFormat::scale_value(Code code) const {
  if (!valid_scale(code)) throw CodeError(std::to_string(code) + " is not a scale of " + name_);
  if (scale_ == BlockScale::kE8M0) return std::ldexp(1.0, static_cast<int>(code) - kE8M0Bias);
  if (scale_ == BlockScale::kOctaves) return std::ldexp(1.0, -static_cast<int>(code));
  return nvfp4_scale().decode(code, 1.0);
}

std::vector<double> BlockFormat::factors() const {
  std::vector<double> factors(std::size_t{1} << scale_bits_, 0.0);
  for (std::size_t code = 0; code < factors.size(); ++code) {
    if (valid_scale(static_cast<Code>(code))) factors[code] = factor(static_cast<Code>(code));
  }
  return factors;
}

Code BlockFormat::scale_of(double max_abs, double tensor_scale) const {
  if (scale_ == BlockScale::kE8M0) {
    if (max_abs == 0.0) return 0;
    const int exponent = floor_log2(max_abs) - largest_exponent_ + kE8M0Bias;
    return static_cast<Code>(std::clamp(exponent, 0, static_cast<int>(kE8M0Largest)));
  }
  if (scale_ == BlockScale::kOctaves) {
    const int most = static_cast<int>((1U << scale_bits_) - 1U);
    if (max_abs == 0.0) return static_cast<Code>(most);
    return static_cast<Code>(std::clamp(floor_log2(tensor_scale / max_abs), 0, most));
  }
  const auto largest_element = dynamic_cast<const FloatFormat&>(*element_).largest_value();
  return nvfp4_scale().encode(max_abs / largest_element / tensor_scale, 1.0).code;
}

double BlockFormat::element_scale(Code scale, double tensor_scale) const {
  return std::ldexp(tensor_scale * scale_value(scale), element_exponent_);
}

std::uint64_t BlockFormat::quantize(std::span<const double> x, double tensor_scale, Code& scale,
                                    std::span<Code> codes) const {
  const double max_abs = largest_magnitude(x);
  if (!std::isfinite(max_abs)) throw CodeError("a value that is not finite");
  scale = scale_of(max_abs, tensor_scale);
  const double at = element_scale(scale, tensor_scale);
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    // A block whose scale has vanished holds zeros.
    const Encoded encoded = at == 0.0 ? element_->encode(0.0, 1.0) : element_->encode(x[i], at);
    codes[i] = encoded.code;
    clipped += encoded.clipped ? 1U : 0U;
  }
  return clipped;
}

std::uint64_t BlockFormat::quantize_blocks(std::span<const double> x, double tensor_scale, std::byte* scales,
                                           std::byte* codes) const {
  const unsigned bytes = element_->container_bytes();
  const std::vector<double> zeros(block_, 0.0);
  std::uint64_t clipped = 0;
  for (std::size_t first = 0; first < x.size(); first += block_) {
    const std::span<const double> part = x.subspan(first, std::min<std::size_t>(block_, x.size() - first));
    const double max_abs = largest_magnitude(part);
    if (!std::isfinite(max_abs)) throw CodeError("a value that is not finite");
    const Code scale = scale_of(max_abs, tensor_scale);
    *scales++ = static_cast<std::byte>(scale);
    const double at = element_scale(scale, tensor_scale);
    clipped += at == 0.0 ? element_->quantize(std::span(zeros).first(part.size()), 1.0, codes)
                         : element_->quantize(part, at, codes);
    codes += part.size() * bytes;
  }
  return clipped;
}

double BlockFormat::decode(Code scale, Code code, double tensor_scale) const {
  const double at = element_scale(scale, tensor_scale);
  return at == 0.0 ? 0.0 * element_->decode(code, 1.0) : element_->decode(code, at);
}

const std::vector<BlockFormatPtr>& named_block_formats() {
  static const std::vector<BlockFormatPtr> formats = {
      mx("mxfp8_e4m3", "fp8_e4m3"),
      mx("mxfp8_e5m2", "fp8_e5m2"),
      mx("mxfp6_e2m3", "fp6_e2m3"),
      mx("mxfp6_e3m2", "fp6_e3m2"),
      mx("mxfp4_e2m1", "fp4_e2m1"),
      mx("mxint8", "int8", -6),
      std::make_shared<const BlockFormat>("nvfp4", find_format("fp4_e2m1"), kNvfp4Block, BlockScale::kE4M3, 8, 0)};
  return formats;
}

FormatPtr block_scaled(const BlockFormatPtr& format) {
  const auto copy_of = [&format](const auto& element) -> FormatPtr {
    const auto copy = std::make_shared<std::remove_cvref_t<decltype(element)>>(element);
    static_cast<Format&>(*copy).block_ = format;
    return copy;
  };
  const Format& element = format->element();
  switch (element.kind()) {
    case FormatKind::kLns: return copy_of(dynamic_cast<const LnsFormat&>(element));
    case FormatKind::kInt: return copy_of(dynamic_cast<const IntFormat&>(element));
    case FormatKind::kFloat: break;
  }
  return copy_of(dynamic_cast<const FloatFormat&>(element));
}

BlockFormatPtr find_block_format(std::string_view name) {
  for (const BlockFormatPtr& format : named_block_formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

BlockFormatPtr make_block_lns(unsigned bits, unsigned gamma, unsigned offset_bits) {
  if (offset_bits < 1 || offset_bits > 8) throw SpecError("offset bits, expected 1..8");
  const FormatPtr element = make_lns(bits, gamma, ZeroMode::kZeroCode);
  const std::string name =
      "block_lns(" + std::to_string(bits) + "," + std::to_string(gamma) + "," + std::to_string(offset_bits) + ")";
  return std::make_shared<const BlockFormat>(name, element, kMxBlock, BlockScale::kOctaves, offset_bits, 0);
}

}  // namespace lnsim::numerics
