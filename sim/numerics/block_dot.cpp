// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/block_dot.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>
#include <vector>

#include "sim/numerics/chunked.hpp"
#include "sim/numerics/float_format.hpp"
#include "sim/numerics/int.hpp"
#include "sim/numerics/lns_datapath.hpp"

namespace lnsim::numerics {
namespace {

constexpr unsigned kDefaultWindow = 24;
constexpr int kMostSumBits = 58;           ///< what a float accumulator takes in one addition
constexpr unsigned kScaleProductBits = 8;  ///< of two significands of E4M3

/// A group's sum: mantissa * 2^exponent, in units of the elements' products.
struct GroupSum {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

/// What the scales of a block pair multiply its sums by: significand * 2^exponent.
struct PairScale {
  std::int64_t significand = 1;
  int exponent = 0;
};

/// What all kinds of elements share: blocks, groups, chunks.
class BlockUnit : public BlockDotUnit {
 public:
  explicit BlockUnit(const BlockDotSpec& spec, int lsb)
      : spec_(spec),
        step_(std::min({spec.vector_size, spec.a->block(), spec.b->block()})),
        accumulator_(spec.accumulator, spec.vector_size, lsb) {}

  [[nodiscard]] const BlockDotSpec& spec() const override { return spec_; }
  [[nodiscard]] DotUnit::Exact exact(const Psum& psum) const override { return accumulator_.exact(psum); }
  [[nodiscard]] double log2_unit() const override { return 0.0; }
  [[nodiscard]] unsigned psum_bits() const override { return accumulator_.bits(); }
  [[nodiscard]] bool result_fixed() const override { return accumulator_.result_fixed(); }

  std::uint64_t dot(const BlockOperand& a, const BlockOperand& b, Psum& psum) const override {
    if (a.codes.size() != b.codes.size()) throw SpecError("the operands differ in length");
    check(a, *spec_.a);
    check(b, *spec_.b);
    psum = {};
    std::uint64_t saturations = 0;
    const std::size_t length = a.codes.size();
    for (std::size_t first = 0; first < length; first += step_) {
      const std::size_t count = std::min<std::size_t>(step_, length - first);
      const Code scale_a = a.scales[first / spec_.a->block()];
      const Code scale_b = b.scales[first / spec_.b->block()];
      saturations +=
          add_group(a.codes.subspan(first, count), b.codes.subspan(first, count), scale_a, scale_b, psum) ? 1U : 0U;
      const std::size_t end = first + count;
      const std::uint64_t chunk = spec_.accumulator.chunk.value_or(0);
      if (chunk != 0 && (end % chunk == 0 || end == length)) saturations += accumulator_.end_chunk(psum) ? 1U : 0U;
    }
    return saturations;
  }

 protected:
  /// Adds the sum of one group to the inner accumulator; true if it saturated.
  virtual bool add_group(std::span<const Code> a, std::span<const Code> b, Code scale_a, Code scale_b,
                         Psum& psum) const = 0;
  [[nodiscard]] const ChunkedAccumulator& accumulator() const { return accumulator_; }

 private:
  static void check(const BlockOperand& operand, const BlockFormat& format) {
    const std::size_t blocks = (operand.codes.size() + format.block() - 1) / format.block();
    if (operand.scales.size() != blocks) {
      throw SpecError(std::to_string(operand.scales.size()) + " scales of " + std::to_string(blocks) + " blocks");
    }
    for (const Code code : operand.codes) {
      if (!format.element().valid(code))
        throw CodeError(std::to_string(code) + " is not an element of " + format.name());
    }
    for (const Code code : operand.scales) {
      if (!format.valid_scale(code)) throw CodeError(std::to_string(code) + " is not a scale of " + format.name());
    }
  }

  BlockDotSpec spec_;
  std::size_t step_;  ///< elements that are summed before they meet the accumulator
  ChunkedAccumulator accumulator_;
};

/// MX and NVFP4: sums of exact products of INT or FP elements into a float accumulator.
class LinearBlockUnit final : public BlockUnit {
 public:
  explicit LinearBlockUnit(const BlockDotSpec& spec) : BlockUnit(with_window(spec), 0) {
    const BlockDotSpec& used = this->spec();
    a_ = dynamic_cast<const FloatFormat*>(&used.a->element());
    b_ = dynamic_cast<const FloatFormat*>(&used.b->element());
    element_exponent_ = used.a->element_exponent() + used.b->element_exponent();
    if (a_ == nullptr) return;
    product_bits_ = static_cast<int>(a_->layout().mantissa_bits + b_->layout().mantissa_bits + 2);
    bias_sum_ = a_->layout().bias + b_->layout().bias;
  }

 private:
  static BlockDotSpec with_window(BlockDotSpec spec) {
    const bool floats = spec.a->element().kind() == FormatKind::kFloat;
    if (!floats && spec.window) throw SpecError("a window belongs to FP elements");
    if (spec.tree_fraction_bits || spec.tree_exact) throw SpecError("tree fraction bits belong to block LNS");
    if (!spec.accumulator.floating) {
      throw SpecError("the scales of MX and NVFP4 need a float accumulator");
    }
    if (floats) {
      spec.window = spec.window.value_or(kDefaultWindow);
      const int sum = static_cast<int>(*spec.window) + static_cast<int>(std::bit_width(spec.vector_size - 1)) +
                      (spec.a->scale() == BlockScale::kE4M3 ? static_cast<int>(kScaleProductBits) : 0);
      if (*spec.window < 1 || sum > kMostSumBits) throw SpecError("a window of 1 bit or more, and sums of at most 58");
    }
    return spec;
  }

  bool add_group(std::span<const Code> a, std::span<const Code> b, Code scale_a, Code scale_b,
                 Psum& psum) const override {
    const GroupSum sum = a_ != nullptr ? float_sum(a, b) : int_sum(a, b);
    const PairScale scale = pair_scale(scale_a, scale_b);
    return accumulator().add_float(psum, sum.mantissa * scale.significand, sum.exponent + scale.exponent);
  }

  static GroupSum int_sum(std::span<const Code> a, std::span<const Code> b) {
    constexpr unsigned kBits = 8;
    const IntFormat format(kBits);
    GroupSum sum;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum.mantissa += std::int64_t{format.integer(a[i])} * format.integer(b[i]);
    return sum;
  }

  /// The products cut to a window below the largest exponent (the definition of FP units without blocks).
  [[nodiscard]] GroupSum float_sum(std::span<const Code> a, std::span<const Code> b) const {
    const int window = static_cast<int>(*spec().window);
    int largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      largest = std::max(largest, static_cast<int>(a_->parts(a[i]).field + b_->parts(b[i]).field));
    }
    GroupSum sum;
    sum.exponent = largest - bias_sum_ + 2 - window;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const FloatParts x = a_->parts(a[i]);
      const FloatParts y = b_->parts(b[i]);
      const auto product = static_cast<std::int64_t>(std::uint64_t{x.significand} * y.significand);
      const int shift = window - product_bits_ - (largest - static_cast<int>(x.field + y.field));
      const std::int64_t cut = shift >= 0 ? product << shift : (shift <= -63 ? 0 : product >> -shift);
      sum.mantissa += x.negative != y.negative ? -cut : cut;
    }
    return sum;
  }

  [[nodiscard]] PairScale pair_scale(Code scale_a, Code scale_b) const {
    if (spec().a->scale() == BlockScale::kE8M0) {
      return {1, static_cast<int>(scale_a) + static_cast<int>(scale_b) - 2 * kE8M0Bias + element_exponent_};
    }
    const FloatParts x = nvfp4_scale().parts(scale_a);
    const FloatParts y = nvfp4_scale().parts(scale_b);
    const FloatLayout& layout = nvfp4_scale().layout();
    const int exponent =
        static_cast<int>(x.field + y.field) - 2 * (layout.bias + static_cast<int>(layout.mantissa_bits));
    return {static_cast<std::int64_t>(std::uint64_t{x.significand} * y.significand), exponent};
  }

  const FloatFormat* a_ = nullptr;
  const FloatFormat* b_ = nullptr;
  int element_exponent_ = 0;
  int product_bits_ = 0;
  int bias_sum_ = 0;
};

/// The unit of the elements alone: checks of widths, and the datapath.
DotSpec element_spec(const BlockDotSpec& spec) {
  DotSpec elements;
  elements.a = spec.a->element_ptr();
  elements.b = spec.b->element_ptr();
  elements.vector_size = spec.vector_size;
  elements.conversion = spec.conversion;
  elements.tree_fraction_bits = spec.tree_fraction_bits;
  elements.tree_exact = spec.tree_exact;
  elements.window = spec.window;
  elements.accumulator = spec.accumulator;
  return elements;
}

/// Block LNS: offsets move the shift that rounds a group's sum into the fixed accumulator.
class LnsBlockUnit final : public BlockUnit {
 public:
  explicit LnsBlockUnit(const BlockDotSpec& spec) : LnsBlockUnit(spec, make_lns_datapath(element_spec(spec))) {}

  [[nodiscard]] double log2_unit() const override {
    return -static_cast<double>(path_.full_scale) / static_cast<double>(path_.gamma());
  }

 private:
  LnsBlockUnit(const BlockDotSpec& spec, LnsDatapath path)
      : BlockUnit(spec, static_cast<int>(path.lsb)),
        path_(std::move(path)),
        // R of the definition, negative where sums are shifted up.
        shift_(path_.rounding.right > 0 ? path_.rounding.right : -path_.rounding.left),
        mode_(spec.accumulator.fixed->rounding) {}

  bool add_group(std::span<const Code> a, std::span<const Code> b, Code scale_a, Code scale_b,
                 Psum& psum) const override {
    std::int64_t sum = 0;
    std::vector<std::int64_t> bins(path_.constants.size(), 0);
    const LnsFormat& format_a = *path_.a.format;
    const LnsFormat& format_b = *path_.b.format;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (format_a.is_zero(a[i]) || format_b.is_zero(b[i])) continue;
      const std::int64_t p = path_.a.exponent(a[i]) + path_.b.exponent(b[i]);
      const std::int64_t input = path_.tree_input(p);
      std::int64_t& into = path_.per_element ? sum : bins[path_.bin(p)];
      into += format_a.negative(a[i]) != format_b.negative(b[i]) ? -input : input;
    }
    if (!path_.per_element) {
      for (std::size_t i = 0; i < bins.size(); ++i) sum += bins[i] * path_.constants[i];
    }
    const GroupRounding rounding(shift_ + static_cast<std::int64_t>(scale_a) + static_cast<std::int64_t>(scale_b),
                                 mode_);
    return accumulator().add_fixed(psum, rounding.apply(sum));
  }

  LnsDatapath path_;
  std::int64_t shift_;
  Rounding mode_;
};

}  // namespace

BlockDotSpec block_dot_spec(const DotSpec& spec) {
  if (!spec.a->block() || !spec.b->block()) throw SpecError("only one of the operands has block scales");
  BlockDotSpec blocks;
  blocks.a = spec.a->block();
  blocks.b = spec.b->block();
  blocks.vector_size = spec.vector_size;
  blocks.conversion = spec.conversion;
  blocks.tree_fraction_bits = spec.tree_fraction_bits;
  blocks.tree_exact = spec.tree_exact;
  blocks.window = spec.window;
  blocks.accumulator = spec.accumulator;
  return blocks;
}

std::unique_ptr<BlockDotUnit> make_block_dot_unit(const BlockDotSpec& spec) {
  const auto fits = [&spec](unsigned block) {
    return spec.vector_size >= 1 && (block % spec.vector_size == 0 || spec.vector_size % block == 0);
  };
  if (!fits(spec.a->block()) || !fits(spec.b->block()) || spec.a->block() != spec.b->block()) {
    throw SpecError("vector size " + std::to_string(spec.vector_size) + ", expected a divisor or a multiple of the " +
                    std::to_string(spec.a->block()) + " elements of a block");
  }
  if (spec.a->scale() != spec.b->scale() || spec.a->element().kind() != spec.b->element().kind()) {
    throw SpecError("block formats of different kinds");
  }
  if (spec.a->scale() != BlockScale::kOctaves) return std::make_unique<LinearBlockUnit>(spec);
  if (!spec.accumulator.fixed) throw SpecError("block LNS needs a fixed accumulator");
  return std::make_unique<LnsBlockUnit>(spec);
}

}  // namespace lnsim::numerics
