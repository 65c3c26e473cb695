// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/lns_kernel.hpp"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/numerics/lns_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/numerics/group_kernel-inl.hpp"
#include "sim/numerics/simd_dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

std::uint64_t LnsAccumulate(const LnsKernelPlan& /*plan*/, const DotUnit& unit, const GroupBlock& block, Psum* psums,
                            std::size_t psum_stride) {
  return unit.accumulate_reference(block, psums, psum_stride);
}

#else

// A word of an operand: the sign in the top bit, the distance in units of 2^shift below it. The sum of two words has
// the exclusive or of the signs and the sum of the distances.
template <typename T>
struct WordLayout {
  int shift = 0;           // position of the distance
  bool low_index = false;  // the lowest bits repeat distance mod gamma, so that their sum indexes a table
  T gamma_mask = 0;
  T limit = 0;      // distances from here on contribute nothing
  T zero_word = 0;  // stands for them
};

// Makes words from codes. A local copy per loop: its vectors then stay in registers, which those of an object behind a
// reference would not, as far as the compiler knows.
template <typename T>
class WordMaker {
 public:
  using D = Lanes<T>;
  using V = hn::Vec<D>;

  WordMaker(const LnsKernelOperand& operand, const WordLayout<T>& layout)
      : top_(hn::Set(D(), static_cast<T>(static_cast<T>(operand.top) << layout.shift))),
        exponent_mask_(hn::Set(D(), static_cast<T>((T{1} << (operand.bits - 1)) - 1))),
        sign_mask_(hn::Set(D(), hwy::LimitsMin<T>())),
        index_mask_(hn::Set(D(), layout.low_index ? layout.gamma_mask : T{0})),
        zero_word_(hn::Set(D(), layout.zero_word)),
        sign_shift_(static_cast<int>(8 * sizeof(T) - operand.bits)),
        exponent_shift_(static_cast<int>(operand.exponent_shift) + layout.shift),
        index_shift_(layout.shift) {
    // In zero_code the distance of e = 0 is `top`, the largest; exponents up to this one contribute nothing.
    const std::int64_t limit = operand.zero_code ? HWY_MIN(std::int64_t{layout.limit}, operand.top) : layout.limit;
    const std::int64_t dead = (operand.top - limit) >> operand.exponent_shift;
    dead_exponent_ = hn::Set(D(), static_cast<T>(operand.top < limit ? -1 : dead));
  }

  HWY_INLINE V operator()(V codes) const {
    const V exponent = hn::And(codes, exponent_mask_);
    const V distance = hn::Sub(top_, hn::ShiftLeftSame(exponent, exponent_shift_));
    const V sign = hn::And(hn::ShiftLeftSame(codes, sign_shift_), sign_mask_);
    const V index = hn::And(hn::ShiftRightSame(distance, index_shift_), index_mask_);
    const V word = hn::Or(hn::Or(distance, index), sign);
    return hn::IfThenElse(hn::Gt(exponent, dead_exponent_), word, zero_word_);
  }

 private:
  V top_;
  V exponent_mask_;
  V sign_mask_;
  V index_mask_;
  V zero_word_;
  V dead_exponent_;
  int sign_shift_;
  int exponent_shift_;
  int index_shift_;
};

#undef LNSIM_HAS_FLOAT_TABLE  // of the target before
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
#define LNSIM_HAS_FLOAT_TABLE 1
#else
#define LNSIM_HAS_FLOAT_TABLE 0
#endif

#if LNSIM_HAS_FLOAT_TABLE
// Truncation without Highway's repair of values beyond the integer's range, which do not occur.
HWY_INLINE hn::Vec256<std::int32_t> Truncate(hn::Vec256<float> v) {
  return hn::Vec256<std::int32_t>{_mm256_cvttps_epi32(v.raw)};
}
#if HWY_TARGET != HWY_AVX2
HWY_INLINE hn::Vec512<std::int32_t> Truncate(hn::Vec512<float> v) {
  return hn::Vec512<std::int32_t>{_mm512_cvttps_epi32(v.raw)};
}
HWY_INLINE hn::Vec512<std::int64_t> Truncate(hn::Vec512<double> v) {
  return hn::Vec512<std::int64_t>{_mm512_cvttpd_epi64(v.raw)};
}
#endif

// A look-up in one vector; the instruction ignores higher bits of the index, which Highway's debug checks do not know.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Lookup(D d, V table, V index) {
#if HWY_IS_DEBUG_BUILD
  index = hn::And(index, hn::Set(d, static_cast<hn::TFromD<D>>(hn::Lanes(d) - 1)));
#endif
  return hn::TableLookupLanes(table, hn::IndicesFromVec(d, index));
}

// kLowIndex: the word's lowest bits are the index of the table (2 * gamma <= lanes). kMultiply: see LnsKernelPlan.
template <typename T, bool kLowIndex, bool kMultiply>
class FloatTable {
 public:
  using D = Lanes<T>;
  using V = hn::Vec<D>;
  using Float = hwy::MakeFloat<T>;

  static bool Applies(const LnsKernelPlan& plan) {
    return plan.float_table && (std::size_t{kLowIndex ? 2U : 1U} << plan.log2_gamma) <= hn::Lanes(D());
  }

  explicit FloatTable(const LnsKernelPlan& plan) {
    const T gamma_mask = static_cast<T>((T{1} << plan.log2_gamma) - 1);
    layout_.shift = (sizeof(T) == 4 ? 23 : 52) - static_cast<int>(plan.log2_gamma);
    layout_.low_index = kLowIndex;
    layout_.gamma_mask = gamma_mask;
    layout_.limit = static_cast<T>(static_cast<T>(plan.top_exponent + 1) << plan.log2_gamma);
    layout_.zero_word =
        static_cast<T>(static_cast<T>(plan.top_exponent + 2) << (layout_.shift + static_cast<int>(plan.log2_gamma)));
    const D d;
    alignas(64) T entries[64 / sizeof(T)];
    alignas(64) T factors[64 / sizeof(T)];
    for (std::size_t j = 0; j < hn::Lanes(d); ++j) {
      const T r = static_cast<T>(static_cast<T>(j) & gamma_mask);
      // Adding the bits of r here cancels them when the word is subtracted: only whole octaves stay.
      entries[j] = static_cast<T>(std::bit_cast<T>(static_cast<Float>(plan.top[static_cast<std::size_t>(r)])) +
                                  (r << layout_.shift) + (kLowIndex ? static_cast<T>(j) : T{0}));
      factors[j] = static_cast<T>(plan.factor[static_cast<std::size_t>(r)]);
    }
    table_ = hn::Load(d, entries);
    factor_ = hn::Load(d, factors);
    shift_ = hn::Set(hn::RebindToUnsigned<D>(), static_cast<hwy::MakeUnsigned<T>>(layout_.shift));
  }

  const WordLayout<T>& layout() const { return layout_; }

  HWY_INLINE V operator()(V word) const {
    const D d;
    const V index = kLowIndex ? word : hn::BitCast(d, hn::Shr(hn::BitCast(hn::RebindToUnsigned<D>(), word), shift_));
    const V bits = hn::Sub(Lookup(d, table_, index), word);
    const V truncated = Truncate(hn::BitCast(hn::RebindToFloat<D>(), bits));
    return kMultiply ? hn::Mul(truncated, Lookup(d, factor_, index)) : truncated;
  }

 private:
  WordLayout<T> layout_;
  V table_;
  V factor_;
  hn::Vec<hn::RebindToUnsigned<D>> shift_;
};
#endif  // LNSIM_HAS_FLOAT_TABLE

// One table entry for every distance.
template <typename T>
class FullTable {
 public:
  using D = Lanes<T>;
  using V = hn::Vec<D>;

  explicit FullTable(const LnsKernelPlan& plan) {
    if constexpr (sizeof(T) == 4) {
      table_ = plan.table32.data();
      layout_.limit = static_cast<T>(plan.table32.size() - 1);
    } else {
      table_ = plan.table64.data();
      layout_.limit = static_cast<T>(plan.table64.size() - 1);
    }
    layout_.zero_word = layout_.limit;
  }

  const WordLayout<T>& layout() const { return layout_; }

  HWY_INLINE V operator()(V word) const {
    const D d;
    const V distance = hn::And(word, hn::Set(d, hwy::LimitsMax<T>()));
    const V magnitude = hn::GatherIndex(d, table_, hn::Min(distance, hn::Set(d, layout_.limit)));
    const V sign = hn::BroadcastSignBit(word);
    return hn::Sub(hn::Xor(magnitude, sign), sign);
  }

 private:
  WordLayout<T> layout_;
  const T* table_ = nullptr;
};

// See ForEachTile. Function maps the word of a product to its signed contribution.
template <typename T, class Function>
class LnsKernel {
 public:
  struct TileA {
    alignas(64) T words[kTileElements * kTileLanes];
  };

  explicit LnsKernel(const LnsKernelPlan& plan) : plan_(plan), function_(plan) {}

  unsigned bytes_a() const { return plan_.a.container_bytes; }

  HWY_INLINE void LoadA(const GroupBlock& block, const Slice& slice, TileA& tile) {
    const Lanes<T> d;
    LoadCodeWords(block.a, block.a_stride, plan_.a.container_bytes, slice, codes_);
    const std::size_t per_word = 4 / plan_.a.container_bytes;
    const auto mask = hn::Set(d, static_cast<T>((T{1} << plan_.a.bits) - 1));
    const WordMaker<T> make_words(plan_.a, function_.layout());
    for (std::size_t element = 0; element < slice.elements; ++element) {
      const auto* words = reinterpret_cast<const std::int32_t*>(codes_.words[element / per_word]);
      const int shift = static_cast<int>(element % per_word * 8 * plan_.a.container_bytes);
      for (std::size_t lane = 0; lane < slice.count; lane += hn::Lanes(d)) {
        const auto code = hn::And(hn::ShiftRightSame(LoadWidened(d, words + lane), shift), mask);
        hn::Store(make_words(code), d, tile.words + element * kTileLanes + lane);
      }
    }
  }

  HWY_INLINE void LoadB(const GroupBlock& block, const Slice& slice) {
    const Lanes<T> d;
    alignas(64) std::int32_t codes[kTileElements];
    RowCodes row_codes;
    const WordMaker<T> make_words(plan_.b, function_.layout());
    for (std::size_t row = 0; row < slice.count; ++row) {
      LoadRowCodes(block.b, block.b_stride, plan_.b.container_bytes, slice, row, row_codes);
      WidenRowCodes(row_codes, plan_.b.container_bytes, codes);
      for (std::size_t i = 0; i < kTileElements; i += hn::Lanes(d)) {
        hn::Store(make_words(LoadWidened(d, codes + i)), d, b_ + row * kTileElements + i);
      }
    }
  }

  HWY_INLINE void Multiply(const TileA& tile, std::size_t rows, std::size_t lanes, std::size_t elements, bool first) {
    const Lanes<T> d;
    const std::size_t n = hn::Lanes(d);
    const Function function = function_;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t lane = 0; lane < lanes; lane += 2 * n) {
        T* sums = sums_ + row * kTileLanes + lane;
        auto sum0 = first ? hn::Zero(d) : hn::Load(d, sums);
        auto sum1 = first ? hn::Zero(d) : hn::Load(d, sums + n);
        const T* b = b_ + row * kTileElements;
        const T* a = tile.words + lane;
        for (std::size_t element = 0; element < elements; ++element, a += kTileLanes) {
          const auto word = hn::Set(d, b[element]);
          sum0 = hn::Add(sum0, function(hn::Add(hn::Load(d, a), word)));
          sum1 = hn::Add(sum1, function(hn::Add(hn::Load(d, a + n), word)));
        }
        hn::Store(sum0, d, sums);
        hn::Store(sum1, d, sums + n);
      }
    }
  }

  const T* Sums(std::size_t row) const { return sums_ + row * kTileLanes; }

 private:
  const LnsKernelPlan& plan_;
  Function function_;
  CodeWords codes_;
  alignas(64) T b_[kTileRows * kTileElements];
  alignas(64) T sums_[kTileRows * kTileLanes];
};

// AccumulateRow where every lane's sum has a shift of its own.
template <typename T>
std::uint64_t AccumulateScaledRow(const LnsKernelPlan& plan, const T* sums, std::size_t lanes,
                                  const double* lane_scales, double row_scale, Psum* psums) {
  std::uint64_t saturations = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const GroupRounding rounding = scaled_rounding(plan.rounding, plan.mode, lane_scales[lane], row_scale);
    saturations += plan.range.add(psums[lane].inner, rounding.apply(std::int64_t{sums[lane]})) ? 1U : 0U;
  }
  return saturations;
}

template <typename T, class Function>
std::uint64_t Run(const LnsKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
  LnsKernel<T, Function> kernel(plan);
  std::uint64_t saturations = 0;
  ForEachTile(kernel, block, [&](std::size_t row, std::size_t lane, std::size_t lanes, const T* sums) {
    Psum* const states = psums + row * psum_stride + lane;
    if (plan.block_scaled) {
      saturations += AccumulateScaledRow(plan, sums, lanes, block.a_scales + lane, block.b_scales[row], states);
    } else {
      saturations += AccumulateRow(sums, lanes, plan.rounding, plan.range, states);
    }
  });
  return saturations;
}

#if LNSIM_HAS_FLOAT_TABLE
template <typename T, bool kMultiply>
bool RunFloatTable(const LnsKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride,
                   std::uint64_t& saturations) {
  if (FloatTable<T, true, kMultiply>::Applies(plan)) {
    saturations = Run<T, FloatTable<T, true, kMultiply>>(plan, block, psums, psum_stride);
  } else if (FloatTable<T, false, kMultiply>::Applies(plan)) {
    saturations = Run<T, FloatTable<T, false, kMultiply>>(plan, block, psums, psum_stride);
  } else {
    return false;
  }
  return true;
}
#endif

template <typename T>
std::uint64_t Choose(const LnsKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride) {
#if LNSIM_HAS_FLOAT_TABLE
  // AVX2 converts no doubles to 64-bit integers.
  if constexpr (sizeof(T) == 4 || HWY_TARGET != HWY_AVX2) {
    std::uint64_t saturations = 0;
    if (plan.multiply ? RunFloatTable<T, true>(plan, block, psums, psum_stride, saturations)
                      : RunFloatTable<T, false>(plan, block, psums, psum_stride, saturations)) {
      return saturations;
    }
  }
#endif
  return Run<T, FullTable<T>>(plan, block, psums, psum_stride);
}

std::uint64_t LnsAccumulate(const LnsKernelPlan& plan, const DotUnit& /*unit*/, const GroupBlock& block, Psum* psums,
                            std::size_t psum_stride) {
  return plan.wide ? Choose<std::int64_t>(plan, block, psums, psum_stride)
                   : Choose<std::int32_t>(plan, block, psums, psum_stride);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

LNSIM_KERNEL(lnsim::numerics, LnsAccumulate)

#if HWY_ONCE
namespace lnsim::numerics {

std::uint64_t lns_accumulate(const LnsKernelPlan& plan, const DotUnit& unit, const GroupBlock& block, Psum* psums,
                             std::size_t psum_stride) {
  return LNSIM_KERNEL_CALL(LnsAccumulate)(plan, unit, block, psums, psum_stride);
}

}  // namespace lnsim::numerics
#endif  // HWY_ONCE
