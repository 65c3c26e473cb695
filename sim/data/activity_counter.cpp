// SPDX-License-Identifier: Apache-2.0
#include "sim/data/activity_counter.hpp"

#include <algorithm>
#include <bit>

namespace lnsim {
namespace {

std::uint64_t low_bits(unsigned bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }

/// Ones of a word. In plain operations, so that the loops over codes are vectorised on every target.
constexpr std::uint32_t ones(std::uint32_t x) {
  x -= (x >> 1U) & 0x55555555U;
  x = (x & 0x33333333U) + ((x >> 2U) & 0x33333333U);
  x = (x + (x >> 4U)) & 0x0F0F0F0FU;
  x += x >> 8U;
  return (x + (x >> 16U)) & 0x3FU;
}

std::uint64_t changed(std::uint64_t one, std::uint64_t other) {
  const std::uint64_t flips = one ^ other;
  return ones(static_cast<std::uint32_t>(flips)) + ones(static_cast<std::uint32_t>(flips >> 32U));
}

/// A binary64 accumulator as the machine stores it: sign, exponent and mantissa of its format; values below its normal
/// range are stored with exponent 0.
std::uint64_t float_code(std::int64_t state, const numerics::FloatAccumulator& format) {
  constexpr unsigned kMantissa = 52;
  constexpr int kBias = 1023;
  const auto bits = std::bit_cast<std::uint64_t>(state);
  const int bias = format.bias.value_or((1 << (format.exponent - 1)) - 1);
  const int exponent = static_cast<int>((bits >> kMantissa) & low_bits(11)) - kBias + bias;
  const std::uint64_t mantissa = (bits & low_bits(kMantissa)) >> (kMantissa - format.mantissa);
  const std::uint64_t field = exponent <= 0 ? 0 : static_cast<std::uint64_t>(exponent) & low_bits(format.exponent);
  return ((bits >> 63U) << (format.exponent + format.mantissa)) | (field << format.mantissa) | mantissa;
}

}  // namespace

CodeBits::CodeBits(const numerics::Format& format)
    : bits(format.bits()),
      container_bytes(format.container_bytes()),
      mask(static_cast<std::uint32_t>(low_bits(format.bits()))) {
  switch (format.kind()) {
    case numerics::FormatKind::kInt:
      zero_mask = mask;
      zero_value = 0;
      break;
    case numerics::FormatKind::kFloat:  // +0 and -0
      zero_mask = mask >> 1U;
      zero_value = 0;
      break;
    case numerics::FormatKind::kLns: {
      const auto zero = format.encode(0.0, 1.0).code;
      if (format.decode(zero, 1.0) != 0.0) break;
      zero_mask = mask;
      zero_value = static_cast<std::uint32_t>(zero) & mask;
      break;
    }
  }
}

ActivityCounter::ActivityCounter(const numerics::DotUnit& unit, std::size_t lanes, std::size_t vector_size)
    : accumulator_(unit.spec().accumulator),
      a_codes_(*unit.spec().a),
      b_codes_(*unit.spec().b),
      vector_size_(vector_size),
      b_held_(vector_size),
      lanes_with_a_(vector_size),
      sums_(lanes) {
  for (auto& bank : a_held_) bank.resize(lanes * vector_size);
}

void ActivityCounter::group(const numerics::GroupBlock& block, const numerics::Psum* before,
                            const numerics::Psum* after, std::size_t stride, bool saturated) {
  switch (a_codes_.container_bytes) {
    case 1: load_a<std::uint8_t>(block); break;
    case 2: load_a<std::uint16_t>(block); break;
    default: load_a<std::uint32_t>(block);
  }
  switch (b_codes_.container_bytes) {
    case 1: pass_rows<std::uint8_t>(block); break;
    case 2: pass_rows<std::uint16_t>(block); break;
    default: pass_rows<std::uint32_t>(block);
  }
  add_sums(block, before, after, stride, saturated);
}

template <class Container>
void ActivityCounter::load_a(const numerics::GroupBlock& block) {
  std::uint32_t* held = a_held_[bank_].data();
  bank_ ^= 1U;
  const CodeBits codes = a_codes_;
  std::uint32_t* const with_a = lanes_with_a_.data();
  std::fill(lanes_with_a_.begin(), lanes_with_a_.end(), 0);
  const auto* row = reinterpret_cast<const Container*>(block.a);
  for (std::size_t lane = 0; lane < block.lanes; ++lane, row += block.a_stride, held += vector_size_) {
    std::uint32_t flips = 0;
    for (std::size_t e = 0; e < block.elements; ++e) {
      const std::uint32_t code = row[e] & codes.mask;
      flips += ones(code ^ held[e]);
      held[e] = code;
      with_a[e] += (code & codes.zero_mask) != codes.zero_value ? 1U : 0U;
    }
    counts_.operand_a.changed += flips;
  }
  counts_.operand_a.bits += std::uint64_t{block.lanes} * block.elements * codes.bits;
}

template <class Container>
void ActivityCounter::pass_rows(const numerics::GroupBlock& block) {
  const std::uint32_t lanes = block.lanes;
  const CodeBits codes = b_codes_;
  const std::uint32_t* const with_a = lanes_with_a_.data();
  std::uint32_t* const held = b_held_.data();
  std::uint64_t without_a = 0;
  for (std::size_t e = 0; e < block.elements; ++e) without_a += lanes - with_a[e];
  const auto* row = reinterpret_cast<const Container*>(block.b);
  for (std::size_t i = 0; i < block.rows; ++i, row += block.b_stride) {
    // A row's sums fit 32 bits: at most 1024 lanes x 1024 elements x 32 bits.
    std::uint32_t changed_bits = 0, at_lanes = 0, zeros = 0, zeros_with_a = 0;
    for (std::size_t e = 0; e < block.elements; ++e) {
      const std::uint32_t code = row[e] & codes.mask;
      const std::uint32_t flips = ones(code ^ held[e]);
      const std::uint32_t zero = (code & codes.zero_mask) == codes.zero_value ? 1U : 0U;
      held[e] = code;
      changed_bits += flips;
      at_lanes += flips * with_a[e];
      zeros += zero;
      zeros_with_a += zero * with_a[e];
    }
    counts_.operand_b.changed += changed_bits;
    counts_.products.changed += at_lanes;
    counts_.zero_operand_b += std::uint64_t{zeros} * lanes;
    counts_.zero_operand_a += without_a;
    counts_.zero_products += without_a + zeros_with_a;
  }
  const std::uint64_t elements = std::uint64_t{block.rows} * block.elements;
  counts_.operand_b.bits += elements * codes.bits;
  counts_.products.bits += elements * lanes * codes.bits;
  counts_.macs += elements * lanes;
}

void ActivityCounter::add_sums(const numerics::GroupBlock& block, const numerics::Psum* before,
                               const numerics::Psum* after, std::size_t stride, bool saturated) {
  const std::uint64_t sums = std::uint64_t{block.rows} * block.lanes;
  if (accumulator_.floating) {
    const numerics::FloatAccumulator& format = *accumulator_.floating;
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t lane = 0; lane < block.lanes; ++lane) {
        counts_.accumulator.changed += changed(float_code(before[row * block.lanes + lane].inner, format),
                                               float_code(after[row * stride + lane].inner, format));
      }
    }
    counts_.accumulator.bits += sums * (1 + format.exponent + format.mantissa);
    return;
  }
  const unsigned bits = accumulator_.fixed->bits;
  const std::uint64_t mask = low_bits(bits);
  // A sum of the tree is what the accumulator grew by, unless it saturated or moved to an outer one.
  const bool tree = !saturated && !(accumulator_.chunk && block.chunk_end);
  std::uint64_t accumulator_flips = 0, tree_flips = 0;
  for (std::size_t row = 0; row < block.rows; ++row) {
    for (std::size_t lane = 0; lane < block.lanes; ++lane) {
      const auto old = static_cast<std::uint64_t>(before[row * block.lanes + lane].inner);
      const auto now = static_cast<std::uint64_t>(after[row * stride + lane].inner);
      accumulator_flips += changed(old & mask, now & mask);
      tree_flips += changed((now - old) & mask, sums_[lane] & mask);
      sums_[lane] = now - old;
    }
  }
  counts_.accumulator += {sums * bits, accumulator_flips};
  if (tree) counts_.tree += {sums * bits, tree_flips};
}

}  // namespace lnsim
