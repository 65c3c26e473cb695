// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/int_kernel.hpp"

#include <vector>

#include "sim/numerics/scale_product.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/numerics/int_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/numerics/simd_dispatch.hpp"

// After Highway, which they need in their first pass.
#include "sim/numerics/float_update-inl.hpp"
#include "sim/numerics/group_kernel-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

std::uint64_t IntAccumulate(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  std::vector<std::int64_t> sums(std::size_t{block.rows} * block.lanes);
  int_group_sums_reference(plan, block, sums.data());
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    Psum& psum = psums[i / block.lanes * psum_stride + i % block.lanes];
    const ScaleProduct scale = plan.block_scaled
                                   ? ScaleProduct(block.a_scales[i % block.lanes], block.b_scales[i / block.lanes])
                                   : ScaleProduct();
    const bool saturated = plan.floating ? plan.floating->add(psum.inner, sums[i] * scale.significand, scale.exponent)
                                         : plan.range.add(psum.inner, sums[i]);
    saturations += saturated ? 1U : 0U;
  }
  return saturations;
}

void IntGroupSums(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums) {
  int_group_sums_reference(plan, block, sums);
}

#else

// The signed integer of `bits` bits that starts at bit `from` of each 32-bit lane.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SignedField(V words, int from, int bits, D /*d*/) {
  return hn::ShiftRightSame(hn::ShiftLeftSame(words, 32 - bits - from), 32 - bits);
}

// 16-bit pairs: two consecutive elements of a lane in 32 bits; an odd last one is paired with zero.
class PairKernel {
 public:
  struct TileA {
    alignas(64) std::int32_t pairs[kTileElements / 2 * kTileLanes];
  };

  explicit PairKernel(const IntKernelPlan& plan) : plan_(plan) {}

  unsigned bytes_a() const { return plan_.bytes_a; }

  HWY_INLINE void LoadA(const GroupBlock& block, const Slice& slice, TileA& tile) {
    const Lanes<std::int32_t> d;
    LoadCodeWords(block.a, block.a_stride, plan_.bytes_a, slice, codes_);
    const int step = static_cast<int>(8 * plan_.bytes_a);
    const std::size_t per_word = 4 / plan_.bytes_a;
    for (std::size_t pair = 0; 2 * pair < slice.elements; ++pair) {
      const auto* words = reinterpret_cast<const std::int32_t*>(codes_.words[2 * pair / per_word]);
      const int from = static_cast<int>(2 * pair % per_word) * step;
      for (std::size_t lane = 0; lane < slice.count; lane += hn::Lanes(d)) {
        hn::Store(Pair(d, hn::Load(d, words + lane), from, step, plan_.bits_a), d,
                  tile.pairs + pair * kTileLanes + lane);
      }
    }
  }

  HWY_INLINE void LoadB(const GroupBlock& block, const Slice& slice) {
    const Lanes<std::int32_t> d;
    RowCodes codes;
    alignas(64) std::int32_t wide[kTileElements];
    alignas(64) std::int16_t narrow[kTileElements];
    for (std::size_t row = 0; row < slice.count; ++row) {
      LoadRowCodes(block.b, block.b_stride, plan_.bytes_b, slice, row, codes);
      WidenRowCodes(codes, plan_.bytes_b, wide);
      for (std::size_t i = 0; i < kTileElements; i += hn::Lanes(d)) {
        const auto value = SignedField(hn::Load(d, wide + i), 0, static_cast<int>(plan_.bits_b), d);
        hn::StoreU(hn::DemoteTo(hn::Rebind<std::int16_t, decltype(d)>(), value),
                   hn::Rebind<std::int16_t, decltype(d)>(), narrow + i);
      }
      std::memcpy(b_ + row * kTileElements / 2, narrow, sizeof(narrow));
    }
  }

  HWY_INLINE void Multiply(const TileA& tile, std::size_t rows, std::size_t lanes, std::size_t elements, bool first) {
    const Lanes<std::int32_t> d;
    const hn::Repartition<std::int16_t, decltype(d)> d16;
    const std::size_t n = hn::Lanes(d);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t lane = 0; lane < lanes; lane += 2 * n) {
        std::int32_t* sums = sums_ + row * kTileLanes + lane;
        auto sum0 = hn::Zero(d);
        auto sum1 = hn::Zero(d);
        auto more0 = hn::Zero(d);
        auto more1 = hn::Zero(d);
        const std::int32_t* b = b_ + row * kTileElements / 2;
        const std::int32_t* a = tile.pairs + lane;
        for (std::size_t pair = 0; 2 * pair < elements; ++pair, a += kTileLanes) {
          const auto factor = hn::BitCast(d16, hn::Set(d, b[pair]));
          sum0 = hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, hn::Load(d, a)), factor, sum0, more0);
          sum1 = hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, hn::Load(d, a + n)), factor, sum1, more1);
        }
        // Sums of earlier elements come in after the rearrangement: on NEON it is not the identity on lane sums.
        sum0 = hn::RearrangeToOddPlusEven(sum0, more0);
        sum1 = hn::RearrangeToOddPlusEven(sum1, more1);
        hn::Store(first ? sum0 : hn::Add(sum0, hn::Load(d, sums)), d, sums);
        hn::Store(first ? sum1 : hn::Add(sum1, hn::Load(d, sums + n)), d, sums + n);
      }
    }
  }

  const std::int32_t* Sums(std::size_t row) const { return sums_ + row * kTileLanes; }

 private:
  template <class D, class V>
  static HWY_INLINE V Pair(D d, V words, int from, int step, unsigned bits) {
    const V low = SignedField(words, from, static_cast<int>(bits), d);
    const V high = SignedField(words, from + step, static_cast<int>(bits), d);
    return hn::Or(hn::And(low, hn::Set(d, 0xFFFF)), hn::ShiftLeft<16>(high));
  }

  const IntKernelPlan& plan_;
  CodeWords codes_;
  alignas(64) std::int32_t b_[kTileRows * kTileElements / 2];
  alignas(64) std::int32_t sums_[kTileRows * kTileLanes];
};

// One element per 64-bit lane; products of the low 32 bits.
class WideKernel {
 public:
  struct TileA {
    alignas(64) std::int64_t values[kTileElements * kTileLanes];
  };

  explicit WideKernel(const IntKernelPlan& plan) : plan_(plan) {}

  unsigned bytes_a() const { return plan_.bytes_a; }

  HWY_INLINE void LoadA(const GroupBlock& block, const Slice& slice, TileA& tile) {
    const Lanes<std::int32_t> d;
    LoadCodeWords(block.a, block.a_stride, plan_.bytes_a, slice, codes_);
    const std::size_t per_word = 4 / plan_.bytes_a;
    alignas(64) std::int32_t values[kTileLanes];
    for (std::size_t element = 0; element < slice.elements; ++element) {
      const auto* words = reinterpret_cast<const std::int32_t*>(codes_.words[element / per_word]);
      const int from = static_cast<int>(element % per_word * 8 * plan_.bytes_a);
      for (std::size_t lane = 0; lane < slice.count; lane += hn::Lanes(d)) {
        hn::Store(SignedField(hn::Load(d, words + lane), from, static_cast<int>(plan_.bits_a), d), d, values + lane);
      }
      Widen(values, tile.values + element * kTileLanes);
    }
  }

  HWY_INLINE void LoadB(const GroupBlock& block, const Slice& slice) {
    const Lanes<std::int32_t> d;
    RowCodes codes;
    alignas(64) std::int32_t values[kTileElements];
    for (std::size_t row = 0; row < slice.count; ++row) {
      LoadRowCodes(block.b, block.b_stride, plan_.bytes_b, slice, row, codes);
      WidenRowCodes(codes, plan_.bytes_b, values);
      for (std::size_t i = 0; i < kTileElements; i += hn::Lanes(d)) {
        hn::Store(SignedField(hn::Load(d, values + i), 0, static_cast<int>(plan_.bits_b), d), d, values + i);
      }
      Widen(values, b_ + row * kTileElements);
    }
  }

  HWY_INLINE void Multiply(const TileA& tile, std::size_t rows, std::size_t lanes, std::size_t elements, bool first) {
    const Lanes<std::int64_t> d;
    const hn::Repartition<std::int32_t, decltype(d)> d32;
    const std::size_t n = hn::Lanes(d);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t lane = 0; lane < lanes; lane += n) {
        std::int64_t* sums = sums_ + row * kTileLanes + lane;
        auto sum = first ? hn::Zero(d) : hn::Load(d, sums);
        const std::int64_t* b = b_ + row * kTileElements;
        const std::int64_t* a = tile.values + lane;
        for (std::size_t element = 0; element < elements; ++element, a += kTileLanes) {
          const auto factor = hn::BitCast(d32, hn::Set(d, b[element]));
          sum = hn::Add(sum, hn::MulEven(hn::BitCast(d32, hn::Load(d, a)), factor));
        }
        hn::Store(sum, d, sums);
      }
    }
  }

  const std::int64_t* Sums(std::size_t row) const { return sums_ + row * kTileLanes; }

 private:
  static HWY_INLINE void Widen(const std::int32_t* from, std::int64_t* to) {
    const Lanes<std::int64_t> d;
    for (std::size_t i = 0; i < kTileLanes; i += hn::Lanes(d)) hn::Store(LoadWidened(d, from + i), d, to + i);
  }

  const IntKernelPlan& plan_;
  CodeWords codes_;
  alignas(64) std::int64_t b_[kTileRows * kTileElements];
  alignas(64) std::int64_t sums_[kTileRows * kTileLanes];
};

template <class Kernel>
std::uint64_t RunAccumulate(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  Kernel kernel(plan);
  std::uint64_t saturations = 0;
  const GroupRounding exact;
  ForEachTile(kernel, block, [&](std::size_t row, std::size_t lane, std::size_t lanes, const auto* sums) {
    saturations += AccumulateRow(sums, lanes, exact, plan.range, psums + row * psum_stride + lane);
  });
  return saturations;
}

// Adds the sums of one row, times the factors of their lanes (unless null) and of the row, to float inner accumulators;
// returns the number of saturations. Factors are powers of two. A ragged end is filled up with zeros, whose sums do not
// saturate.
template <typename T>
HWY_INLINE std::uint64_t AddRowToFloats(const T* sums, std::size_t lanes, const FloatGrid& grid,
                                        const double* lane_factors, double row_factor, Psum* psums) {
  const Doubles d;
  const Longs di;
  const std::size_t n = hn::Lanes(d);
  std::uint64_t saturations = 0;
  for (std::size_t lane = 0; lane < lanes; lane += n) {
    const std::size_t used = std::min(n, lanes - lane);
    Psum ends[kTileLanes];
    T end_sums[kTileLanes];
    double end_factors[kTileLanes];
    const bool ragged = used < n;
    if (ragged) {
      std::fill(ends, ends + n, Psum{});
      std::fill(end_sums, end_sums + n, T{0});
      std::copy(psums + lane, psums + lane + used, ends);
      std::copy(sums + lane, sums + lane + used, end_sums);
      if (lane_factors != nullptr) {
        std::fill(end_factors, end_factors + n, 1.0);
        std::copy(lane_factors + lane, lane_factors + lane + used, end_factors);
      }
    }
    auto* state = reinterpret_cast<std::int64_t*>(ragged ? ends : psums + lane);
    hn::Vec<Longs> inner;
    hn::Vec<Longs> outer;
    hn::LoadInterleaved2(di, state, inner, outer);
    auto term = to_double(LoadSums(di, ragged ? end_sums : sums + lane));
    if (lane_factors != nullptr) {
      const auto factors = hn::LoadU(d, ragged ? end_factors : lane_factors + lane);
      term = hn::Mul(hn::Mul(term, factors), hn::Set(d, row_factor));
    }
    const auto next = add_rounded(grid, hn::BitCast(d, inner), term, saturations);
    hn::StoreInterleaved2(hn::BitCast(di, next), outer, di, state);
    if (ragged) std::copy(ends, ends + used, psums + lane);
  }
  return saturations;
}

template <class Kernel>
std::uint64_t RunFloat(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  Kernel kernel(plan);
  std::uint64_t saturations = 0;
  const FloatGrid grid = plan.floating->grid();
  ForEachTile(kernel, block, [&](std::size_t row, std::size_t lane, std::size_t lanes, const auto* sums) {
    const double* const factors = plan.block_scaled ? block.a_scales + lane : nullptr;
    const double row_factor = plan.block_scaled ? block.b_scales[row] : 1.0;
    saturations += AddRowToFloats(sums, lanes, grid, factors, row_factor, psums + row * psum_stride + lane);
  });
  return saturations;
}

template <class Kernel>
void RunSums(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* out) {
  Kernel kernel(plan);
  ForEachTile(kernel, block, [&](std::size_t row, std::size_t lane, std::size_t lanes, const auto* sums) {
    std::copy(sums, sums + lanes, out + row * block.lanes + lane);
  });
}

std::uint64_t IntAccumulate(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  if (plan.floating) {
    return plan.wide ? RunFloat<WideKernel>(plan, block, psums, psum_stride)
                     : RunFloat<PairKernel>(plan, block, psums, psum_stride);
  }
  return plan.wide ? RunAccumulate<WideKernel>(plan, block, psums, psum_stride)
                   : RunAccumulate<PairKernel>(plan, block, psums, psum_stride);
}

void IntGroupSums(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums) {
  return plan.wide ? RunSums<WideKernel>(plan, block, sums) : RunSums<PairKernel>(plan, block, sums);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

LNSIM_KERNEL(lnsim::numerics, IntAccumulate)
LNSIM_KERNEL(lnsim::numerics, IntGroupSums)

#if HWY_ONCE
namespace lnsim::numerics {

std::uint64_t int_accumulate(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  return LNSIM_KERNEL_CALL(IntAccumulate)(plan, block, psums, psum_stride);
}

void int_group_sums(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums) {
  LNSIM_KERNEL_CALL(IntGroupSums)(plan, block, sums);
}

}  // namespace lnsim::numerics
#endif  // HWY_ONCE
