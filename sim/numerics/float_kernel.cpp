// SPDX-License-Identifier: Apache-2.0
// The vectorised dot product of floating-point units. Lanes lie across the SIMD vector, so the group maximum and the
// group sum need no horizontal step. All arithmetic is on binary64 (binary32 for narrow formats) and exact where the
// definition is: products fit the significand, scaling is by powers of two, truncation of the scaled product is the
// truncation of the magnitude, and group sums fit 53 bits or are integers.
#include "sim/numerics/float_kernel.hpp"

#include <algorithm>
#include <cstdlib>

#include "sim/numerics/float_scratch.hpp"
#include "sim/numerics/float_update.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/numerics/float_kernel.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "sim/numerics/float_sums-inl.hpp"
#include "sim/numerics/float_update-inl.hpp"
#include "sim/numerics/float_vectors-inl.hpp"
#include "sim/numerics/simd_dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {

/// One call of the kernel. T: carrier of values; Sum: carrier of group sums, double or std::int64_t.
template <typename T, typename Sum>
class BlockKernel {
 public:
  BlockKernel(const FloatPlan& plan, const GroupBlock& block)
      : plan_(plan),
        block_(block),
        scratch_(FloatScratch<T>::of_this_thread(block.rows, block.elements)),
        chunk_end_(plan.chunked && block.chunk_end) {}

  std::uint64_t run(Psum* psums, std::size_t psum_stride) {
    std::uint64_t saturations = 0;
    decode_rows();
    for (std::size_t first = 0; first < block_.lanes; first += kStripLanes) {
      const std::size_t lanes = std::min<std::size_t>(kStripLanes, block_.lanes - first);
      decode_strip(first, lanes);
      for (std::size_t row = 0; row < block_.rows; ++row) {
        if (plan_.block_scaled) multiply_scales(row, first, lanes);
        saturations += add_row(row, psums + row * psum_stride + first, lanes);
      }
    }
    return saturations;
  }

 private:
  void decode_rows() {
    const std::size_t n = block_.rows * scratch_.row_stride();
    scratch_.gather_b(block_, plan_.b_bytes);
    decode_values<T>(plan_.b, 0, scratch_.codes(), n, scratch_.b_values());
    if (plan_.floating) decode_fields(plan_.b, scratch_.codes(), n, scratch_.b_fields());
  }

  void decode_strip(std::size_t first, std::size_t lanes) {
    const std::size_t n = block_.elements * kStripLanes;
    // With a fixed accumulator the scale to the last bit of the tree is static, and A carries it.
    const int scale_exponent = plan_.fixed ? plan_.fixed->fraction - plan_.fixed->lam : 0;
    scratch_.gather_a(block_, plan_.a_bytes, first, lanes);
    decode_values<T>(plan_.a, scale_exponent, scratch_.codes(), n, scratch_.a_values());
    if (plan_.floating) decode_fields(plan_.a, scratch_.codes(), n, scratch_.a_fields());
  }

  /// What the blocks of the row and of each lane multiply the sums by.
  void multiply_scales(std::size_t row, std::size_t first, std::size_t lanes) {
    for (std::size_t i = 0; i < lanes; ++i) scales_[i] = block_.a_scales[first + i] * block_.b_scales[row];
    std::fill(scales_ + lanes, scales_ + kStripLanes, 0.0);
  }

  /// One row times the lanes of the strip: group sums, then the states.
  std::uint64_t add_row(std::size_t row, Psum* states, std::size_t lanes) {
    HWY_ALIGN std::int16_t maxima[kStripLanes] = {};
    HWY_ALIGN Sum sums[kStripLanes];
    const T* a = scratch_.a_values();
    const T* b = scratch_.b_values() + row * scratch_.row_stride();
    if (plan_.floating) {
      max_fields(scratch_.a_fields(), scratch_.b_fields() + row * scratch_.row_stride(), block_.elements, maxima);
      group_sums<true>(a, b, maxima, -plan_.last_bit_exponent(0), block_.elements, sums);
    } else {
      group_sums<false>(a, b, maxima, 0, block_.elements, sums);
    }
    return update(sums, maxima, states, lanes);
  }

  std::uint64_t update(const double* sums, const std::int16_t* maxima, Psum* states, std::size_t lanes) {
    // Lanes beyond the last hold sums of zeros: their states stay zero and saturate nothing.
    HWY_ALIGN std::int64_t inner[kStripLanes] = {};
    HWY_ALIGN std::int64_t outer[kStripLanes] = {};
    for (std::size_t i = 0; i < lanes; ++i) inner[i] = states[i].inner;
    if (chunk_end_) {
      for (std::size_t i = 0; i < lanes; ++i) outer[i] = states[i].outer;
    }
    const std::uint64_t saturations =
        update_states(plan_, sums, maxima, plan_.block_scaled ? scales_ : nullptr, chunk_end_, inner, outer);
    for (std::size_t i = 0; i < lanes; ++i) states[i].inner = inner[i];
    if (chunk_end_) {
      for (std::size_t i = 0; i < lanes; ++i) states[i].outer = outer[i];
    }
    return saturations;
  }

  /// Sums of more than 53 bits are rare enough for the scalar code.
  std::uint64_t update(const std::int64_t* sums, const std::int16_t* maxima, Psum* states, std::size_t lanes) {
    std::uint64_t saturations = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
      const ScaleProduct scale = plan_.block_scaled ? ScaleProduct(scales_[i], 1.0) : ScaleProduct();
      if (add_group_sum(plan_, sums[i], maxima[i], scale, states[i])) ++saturations;
      if (chunk_end_ && end_chunk(plan_, states[i])) ++saturations;
    }
    return saturations;
  }

  const FloatPlan& plan_;
  const GroupBlock& block_;
  FloatScratch<T>& scratch_;
  bool chunk_end_;
  HWY_ALIGN double scales_[kStripLanes];  ///< of the row at hand, with block scales
};

std::uint64_t accumulate_single(const FloatPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return BlockKernel<float, double>(plan, block).run(psums, psum_stride);
}

std::uint64_t accumulate_double(const FloatPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return BlockKernel<double, double>(plan, block).run(psums, psum_stride);
}

std::uint64_t accumulate_wide(const FloatPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return BlockKernel<double, std::int64_t>(plan, block).run(psums, psum_stride);
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

LNSIM_KERNEL(lnsim::numerics, accumulate_single)
LNSIM_KERNEL(lnsim::numerics, accumulate_double)
LNSIM_KERNEL(lnsim::numerics, accumulate_wide)

#if HWY_ONCE
namespace lnsim::numerics {
namespace {

bool narrow(const FloatLayout& layout) { return layout.exponent_bits <= 5 && std::abs(layout.bias) <= 20; }

/// True if binary32 is enough: exact products, sums in 32-bit integers, no exponent near the ends of its range.
bool single_is_enough(const FloatPlan& plan) {
  const int scale = plan.fixed ? plan.fixed->fraction - plan.fixed->lam : 0;
  return narrow(plan.a) && narrow(plan.b) && plan.product_bits <= 24 && plan.sum_bits() <= 31 && std::abs(scale) <= 20;
}

}  // namespace

std::uint64_t float_kernel_accumulate(const FloatPlan& plan, const GroupBlock& block, Psum* psums,
                                      std::size_t psum_stride) {
  if (single_is_enough(plan)) return LNSIM_KERNEL_CALL(accumulate_single)(plan, block, psums, psum_stride);
  if (plan.sum_bits() <= 53) return LNSIM_KERNEL_CALL(accumulate_double)(plan, block, psums, psum_stride);
  return LNSIM_KERNEL_CALL(accumulate_wide)(plan, block, psums, psum_stride);
}

}  // namespace lnsim::numerics
#endif  // HWY_ONCE
