// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/int_dot.hpp"

#include <limits>
#include <string>
#include <vector>

#include "sim/numerics/chunked.hpp"
#include "sim/numerics/int.hpp"
#include "sim/numerics/int_kernel.hpp"
#include "sim/numerics/scale_product.hpp"

namespace lnsim::numerics {
namespace {

constexpr unsigned kMaxFixedBits = 48;
/// Keeps a group's sum below 2^61, what a float accumulator takes in one addition.
constexpr unsigned kMaxVectorSize = 1U << 30;
/// Group sums up to here are converted to binary64 by adding 1.5 * 2^52.
constexpr std::int64_t kMaxDoubleSum = (std::int64_t{1} << 51) - 1;

void check_fixed(const FixedAccumulator& fixed) {
  if (fixed.guard) throw SpecError("a fixed accumulator of INT products has no guard bits");
  if (fixed.rounding != Rounding::kFloor) throw SpecError("a fixed accumulator of INT products has nothing to round");
  if (fixed.bits > kMaxFixedBits) {
    throw SpecError("accumulator bits " + std::to_string(fixed.bits) + ", expected 2..48");
  }
}

const DotSpec& checked(const DotSpec& spec) {
  if (spec.vector_size < 1 || spec.vector_size > kMaxVectorSize) throw SpecError("vector size, expected 1..2^30");
  if (spec.window) throw SpecError("a window belongs to FP operands with a float accumulator");
  if (spec.tree_fraction_bits || spec.tree_exact) throw SpecError("an INT unit has no tree fraction bits");
  if (spec.accumulator.fixed) check_fixed(*spec.accumulator.fixed);
  if (spec.accumulator.outer_fixed) check_fixed(*spec.accumulator.outer_fixed);
  return spec;
}

class IntDotUnit final : public DotUnit {
 public:
  explicit IntDotUnit(const DotSpec& spec)
      : spec_(checked(spec)), accumulator_(spec.accumulator, spec.vector_size, 0), plan_(make_int_kernel_plan(spec)) {}

  [[nodiscard]] const DotSpec& spec() const override { return spec_; }

  std::uint64_t accumulate(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    std::uint64_t saturations = 0;
    if (accumulator_.inner_fixed() || plan_.floating) {
      saturations = int_accumulate(plan_, block, psums, psum_stride);
    } else {
      std::vector<std::int64_t> sums(std::size_t{block.rows} * block.lanes);
      int_group_sums(plan_, block, sums.data());
      saturations = add_sums(block, sums, psums, psum_stride);
    }
    return saturations + end_chunk(block, psums, psum_stride);
  }

  std::uint64_t accumulate_reference(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    std::vector<std::int64_t> sums(std::size_t{block.rows} * block.lanes);
    int_group_sums_reference(plan_, block, sums.data());
    return add_sums(block, sums, psums, psum_stride) + end_chunk(block, psums, psum_stride);
  }

  [[nodiscard]] std::int64_t accumulator_integer(const Psum& psum) const override { return accumulator_.integer(psum); }
  [[nodiscard]] Exact exact(const Psum& psum) const override { return accumulator_.exact(psum); }
  [[nodiscard]] unsigned psum_bits() const override { return accumulator_.bits(); }

 private:
  /// One update of the inner accumulators.
  std::uint64_t add_sums(const GroupBlock& block, const std::vector<std::int64_t>& sums, Psum* psums,
                         std::size_t psum_stride) const {
    std::uint64_t saturations = 0;
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t lane = 0; lane < block.lanes; ++lane) {
        Psum& psum = psums[row * psum_stride + lane];
        const std::int64_t sum = sums[row * block.lanes + lane];
        const ScaleProduct scale =
            plan_.block_scaled ? ScaleProduct(block.a_scales[lane], block.b_scales[row]) : ScaleProduct();
        const bool saturated = accumulator_.inner_fixed()
                                   ? accumulator_.add_fixed(psum, sum)
                                   : accumulator_.add_float(psum, sum * scale.significand, scale.exponent);
        saturations += saturated ? 1U : 0U;
      }
    }
    return saturations;
  }

  std::uint64_t end_chunk(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const {
    if (!block.chunk_end || !accumulator_.chunked()) return 0;
    std::uint64_t saturations = 0;
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t lane = 0; lane < block.lanes; ++lane) {
        saturations += accumulator_.end_chunk(psums[row * psum_stride + lane]) ? 1U : 0U;
      }
    }
    return saturations;
  }

  DotSpec spec_;
  ChunkedAccumulator accumulator_;
  IntKernelPlan plan_;
};

}  // namespace

IntKernelPlan make_int_kernel_plan(const DotSpec& spec) {
  IntKernelPlan plan;
  plan.bits_a = spec.a->bits();
  plan.bits_b = spec.b->bits();
  plan.bytes_a = spec.a->container_bytes();
  plan.bytes_b = spec.b->container_bytes();
  const std::int64_t largest_product = std::int64_t{1} << (plan.bits_a + plan.bits_b - 2);
  plan.wide = largest_product > std::numeric_limits<std::int32_t>::max() / std::int64_t{spec.vector_size};
  if (spec.accumulator.fixed) plan.range = FixedRange(spec.accumulator.fixed->bits);
  const bool fits_binary64 = largest_product <= kMaxDoubleSum / std::int64_t{spec.vector_size};
  if (spec.accumulator.floating && fits_binary64) plan.floating.emplace(*spec.accumulator.floating);
  plan.block_scaled = spec.a->block() != nullptr;
  if (plan.block_scaled && !plan.floating) throw SpecError("sums of block-scaled integers beyond binary64");
  return plan;
}

void int_group_sums_reference(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums) {
  const IntFormat format_a(plan.bits_a);
  const IntFormat format_b(plan.bits_b);
  for (std::size_t row = 0; row < block.rows; ++row) {
    for (std::size_t lane = 0; lane < block.lanes; ++lane) {
      std::int64_t sum = 0;
      for (std::size_t element = 0; element < block.elements; ++element) {
        const Code a = load_code(block.a, lane * block.a_stride + element, plan.bytes_a);
        const Code b = load_code(block.b, row * block.b_stride + element, plan.bytes_b);
        sum += std::int64_t{format_a.integer(a)} * format_b.integer(b);
      }
      sums[row * block.lanes + lane] = sum;
    }
  }
}

std::unique_ptr<DotUnit> make_int_dot_unit(const DotSpec& spec) { return std::make_unique<IntDotUnit>(spec); }

}  // namespace lnsim::numerics
