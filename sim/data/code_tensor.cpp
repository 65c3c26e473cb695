// SPDX-License-Identifier: Apache-2.0
#include "sim/data/code_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/numerics/block_format.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

/// Calls visit(first, values) on successive pieces of a made tensor.
template <class Visit>
void for_each_piece(const SyntheticTensor& tensor, std::uint64_t elements, Visit visit) {
  constexpr std::uint64_t kPiece = 1 << 15;  // a multiple of the generator's blocks; 256 KiB
  std::vector<double> values(std::min(kPiece, elements));
  for (std::uint64_t first = 0; first < elements; first += kPiece) {
    const std::span<double> piece(values.data(), std::min(kPiece, elements - first));
    tensor.fill(first, piece);
    visit(first, piece);
  }
}

}  // namespace

double largest_magnitude(std::span<const double> values) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

double CodeTensor::value(std::uint64_t i) const {
  const auto& block = format->block();
  if (!block) return format->decode(code(i), scale);
  return block->decode(static_cast<numerics::Code>(block_scales[i / block->block()]), code(i), scale);
}

CodeTensor quantise_blocks(std::span<const double> values, numerics::FormatPtr format, double tensor_scale) {
  const numerics::BlockFormat& block = *format->block();
  CodeTensor tensor = zeros(values.size(), std::move(format), tensor_scale);
  tensor.block_scales.resize((values.size() + block.block() - 1) / block.block());
  block.quantize_blocks(values, tensor_scale, tensor.block_scales.data(), tensor.codes.data());
  return tensor;
}

double usual_scale(std::span<const double> values, const numerics::Format& format) {
  return format.usual_scale(largest_magnitude(values));
}

CodeTensor zeros(std::uint64_t elements, numerics::FormatPtr format, double scale) {
  const std::uint64_t bytes = checked_mul(elements, format->container_bytes());
  return {std::move(format), scale, std::vector<std::byte>(bytes), {}};
}

CodeTensor quantise(std::span<const double> values, numerics::FormatPtr format, double scale) {
  CodeTensor tensor = zeros(values.size(), std::move(format), scale);
  tensor.format->quantize(values, scale, tensor.codes.data());
  return tensor;
}

CodeTensor quantise(std::span<const double> values, numerics::FormatPtr format) {
  const double scale = usual_scale(values, *format);
  return quantise(values, std::move(format), scale);
}

CodeTensor quantise(const SyntheticTensor& tensor, std::uint64_t elements, numerics::FormatPtr format) {
  double largest = 0.0;
  for_each_piece(tensor, elements, [&](std::uint64_t, std::span<const double> piece) {
    largest = std::max(largest, largest_magnitude(piece));
  });
  const double scale = format->usual_scale(largest);
  CodeTensor result = zeros(elements, std::move(format), scale);
  const unsigned bytes = result.format->container_bytes();
  for_each_piece(tensor, elements, [&](std::uint64_t first, std::span<const double> piece) {
    result.format->quantize(piece, scale, result.codes.data() + first * bytes);
  });
  return result;
}

}  // namespace lnsim
