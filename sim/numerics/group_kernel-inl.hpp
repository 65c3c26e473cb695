// SPDX-License-Identifier: Apache-2.0
// The frame of the vector kernels of dot-product units, compiled once per instruction set: lanes lie in the vector's
// lanes, so that a dot product needs no sum across a vector. Operand A of a block is transposed once and serves all
// rows, and later blocks too if the caller keeps it; elements of B are broadcast.
#if defined(LNSIM_GROUP_KERNEL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LNSIM_GROUP_KERNEL_INL
#undef LNSIM_GROUP_KERNEL_INL
#else
#define LNSIM_GROUP_KERNEL_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "sim/numerics/chunked.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/group_rounding.hpp"

#if HWY_TARGET != HWY_SCALAR

HWY_BEFORE_NAMESPACE();
namespace lnsim::numerics::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A tile: what fits the first-level cache together with its operands.
constexpr std::size_t kTileLanes = 32;
constexpr std::size_t kTileRows = 32;
constexpr std::size_t kTileElements = 32;

// At most 512 bits, so that tiles are whole numbers of vector pairs.
template <typename T>
using Lanes = hn::CappedTag<T, 64 / sizeof(T)>;

// Part of a block: `elements` <= kTileElements from first_element on.
struct Slice {
  std::size_t first;  // lane or row
  std::size_t count;
  std::size_t first_element;
  std::size_t elements;
};

// Codes of some lanes, transposed in words of four bytes: word j of a lane holds its elements j * 4 / bytes and up.
struct CodeWords {
  alignas(64) std::uint32_t words[kTileElements / 2][kTileLanes];
};

// Elements and lanes beyond the slice read as code 0.
HWY_INLINE void LoadCodeWords(const std::byte* codes, std::size_t stride, unsigned bytes, const Slice& slice,
                              CodeWords& out) {
  const std::size_t length = slice.elements * bytes;
  const std::size_t whole = length / 4;
  for (std::size_t lane = 0; lane < slice.count; ++lane) {
    const std::byte* source = codes + ((slice.first + lane) * stride + slice.first_element) * bytes;
    for (std::size_t j = 0; j < whole; ++j) std::memcpy(&out.words[j][lane], source + 4 * j, 4);
    if (length % 4 != 0) {
      out.words[whole][lane] = 0;
      std::memcpy(&out.words[whole][lane], source + 4 * whole, length % 4);
    }
  }
  const std::size_t used = (length + 3) / 4;
  for (std::size_t j = 0; slice.count < kTileLanes && j < used; ++j) {
    std::fill(out.words[j] + slice.count, out.words[j] + kTileLanes, 0U);
  }
}

// The codes of one row, consecutive, padded with code 0.
struct RowCodes {
  alignas(64) std::byte codes[kTileElements * 2];
};

HWY_INLINE void LoadRowCodes(const std::byte* codes, std::size_t stride, unsigned bytes, const Slice& slice,
                             std::size_t row, RowCodes& out) {
  const std::byte* source = codes + ((slice.first + row) * stride + slice.first_element) * bytes;
  if (slice.elements == kTileElements) {
    std::memcpy(out.codes, source, kTileElements);
    if (bytes == 2) std::memcpy(out.codes + kTileElements, source + kTileElements, kTileElements);
    return;
  }
  std::memset(out.codes, 0, sizeof(out.codes));
  std::memcpy(out.codes, source, slice.elements * bytes);
}

// 32-bit lanes as they are, or widened to 64 bits.
template <class D>
HWY_INLINE hn::Vec<D> LoadWidened(D d, const std::int32_t* p) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return hn::LoadU(d, p);
  } else {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::int32_t, D>(), p));
  }
}

// Unsigned codes of a row in 32-bit lanes.
HWY_INLINE void WidenRowCodes(const RowCodes& row, unsigned bytes, std::int32_t* out) {
  const Lanes<std::int32_t> d;
  for (std::size_t i = 0; i < kTileElements; i += hn::Lanes(d)) {
    if (bytes == 1) {
      const auto* p = reinterpret_cast<const std::uint8_t*>(row.codes);
      hn::StoreU(hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, decltype(d)>(), p + i)), d, out + i);
    } else {
      const auto* p = reinterpret_cast<const std::uint16_t*>(row.codes);
      hn::StoreU(hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint16_t, decltype(d)>(), p + i)), d, out + i);
    }
  }
}

// GroupRounding::apply on 64-bit lanes.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V RoundSums(D d, V sums, const GroupRounding& rounding) {
  if (rounding.vanishes) return hn::Zero(d);
  if (rounding.right == 0) return rounding.left == 0 ? sums : hn::ShiftLeftSame(sums, rounding.left);
  if (rounding.nearest) {
    const V odd = hn::And(hn::ShiftRightSame(sums, rounding.right), hn::Set(d, 1));
    const V below_half = hn::Set(d, (std::int64_t{1} << (rounding.right - 1)) - 1);
    sums = hn::Add(hn::Add(sums, below_half), odd);
  }
  return hn::ShiftRightSame(sums, rounding.right);
}

HWY_INLINE hn::Vec<Lanes<std::int64_t>> LoadSums(Lanes<std::int64_t> d, const std::int64_t* sums) {
  return hn::LoadU(d, sums);
}
HWY_INLINE hn::Vec<Lanes<std::int64_t>> LoadSums(Lanes<std::int64_t> d, const std::int32_t* sums) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::int32_t, decltype(d)>(), sums));
}

// Adds the rounded sums of one row to fixed inner accumulators; returns the number of saturations.
template <typename T>
HWY_INLINE std::uint64_t AccumulateRow(const T* sums, std::size_t lanes, const GroupRounding& rounding,
                                       const FixedRange& range, Psum* psums) {
  static_assert(sizeof(Psum) == 2 * sizeof(std::int64_t));
  const Lanes<std::int64_t> d;
  const std::size_t n = hn::Lanes(d);
  const auto lowest = hn::Set(d, range.lowest);
  const auto highest = hn::Set(d, range.highest);
  auto saturated = hn::Zero(d);
  std::size_t lane = 0;
  for (; lane + n <= lanes; lane += n) {
    auto* state = reinterpret_cast<std::int64_t*>(psums + lane);
    hn::Vec<decltype(d)> inner;
    hn::Vec<decltype(d)> outer;
    hn::LoadInterleaved2(d, state, inner, outer);
    const auto sum = hn::Add(inner, RoundSums(d, LoadSums(d, sums + lane), rounding));
    const auto kept = hn::Min(hn::Max(sum, lowest), highest);
    saturated = hn::Sub(saturated, hn::VecFromMask(d, hn::Ne(sum, kept)));
    hn::StoreInterleaved2(kept, outer, d, state);
  }
  auto count = static_cast<std::uint64_t>(hn::GetLane(hn::SumOfLanes(d, saturated)));
  for (; lane < lanes; ++lane) {
    count += range.add(psums[lane].inner, rounding.apply(static_cast<std::int64_t>(sums[lane]))) ? 1U : 0U;
  }
  return count;
}

// The tiles of a block's operand A, [tile of lanes][slice of elements], as the caller keeps them: made now unless they
// are those of the block before. Null if the caller keeps none.
template <class Kernel>
const typename Kernel::TileA* PreparedTiles(Kernel& kernel, const GroupBlock& block) {
  using TileA = typename Kernel::TileA;
  static_assert(alignof(TileA) <= 64);
  if (block.prepared_a == nullptr) return nullptr;
  if (!block.prepared_a->holds(block, kernel.bytes_a())) {
    const std::size_t slices = (block.elements + kTileElements - 1) / kTileElements;
    const std::size_t tiles = (block.lanes + kTileLanes - 1) / kTileLanes * slices;
    auto* tile = reinterpret_cast<TileA*>(block.prepared_a->renew(block, kernel.bytes_a(), tiles * sizeof(TileA)));
    for (std::size_t lane = 0; lane < block.lanes; lane += kTileLanes) {
      const std::size_t lanes = std::min<std::size_t>(kTileLanes, block.lanes - lane);
      for (std::size_t first = 0; first < block.elements; first += kTileElements) {
        const std::size_t elements = std::min<std::size_t>(kTileElements, block.elements - first);
        kernel.LoadA(block, Slice{lane, lanes, first, elements}, *tile++);
      }
    }
  }
  return reinterpret_cast<const TileA*>(block.prepared_a->data());
}

// Runs a kernel over a block. The kernel transposes A (LoadA), prepares B (LoadB), and adds one slice of elements to
// its tile of sums, or begins with it (Multiply); finish(row, lane, lanes, sums) takes every row of a finished tile.
template <class Kernel, class Finish>
HWY_INLINE void ForEachTile(Kernel& kernel, const GroupBlock& block, const Finish& finish) {
  const typename Kernel::TileA* prepared = PreparedTiles(kernel, block);
  const std::size_t slices = (block.elements + kTileElements - 1) / kTileElements;
  typename Kernel::TileA own;
  for (std::size_t lane = 0; lane < block.lanes; lane += kTileLanes) {
    const std::size_t lanes = std::min<std::size_t>(kTileLanes, block.lanes - lane);
    for (std::size_t row = 0; row < block.rows; row += kTileRows) {
      const std::size_t rows = std::min<std::size_t>(kTileRows, block.rows - row);
      for (std::size_t first = 0; first < block.elements; first += kTileElements) {
        const std::size_t elements = std::min<std::size_t>(kTileElements, block.elements - first);
        const typename Kernel::TileA* a = &own;
        if (prepared != nullptr) {
          a = prepared + lane / kTileLanes * slices + first / kTileElements;
        } else if (row == 0 || slices > 1) {  // a single slice of A serves all tiles of rows
          kernel.LoadA(block, Slice{lane, lanes, first, elements}, own);
        }
        kernel.LoadB(block, Slice{row, rows, first, elements});
        kernel.Multiply(*a, rows, lanes, elements, first == 0);
      }
      for (std::size_t r = 0; r < rows; ++r) finish(row + r, lane, lanes, kernel.Sums(r));
    }
  }
}

}  // namespace lnsim::numerics::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR
#endif  // LNSIM_GROUP_KERNEL_INL
