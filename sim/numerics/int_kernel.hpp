// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/numerics/chunked.hpp"
#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// The vector kernel of an INT unit: 16-bit multiply-add into 32-bit sums where a whole group fits them, else 32-bit
/// products into 64-bit sums.
struct IntKernelPlan {
  unsigned bits_a = 8;
  unsigned bits_b = 8;
  unsigned bytes_a = 1;
  unsigned bytes_b = 1;
  bool wide = false;
  FixedRange range{2};  ///< of a fixed inner accumulator
  /// A float inner accumulator, if binary64 holds every group sum with room to spare.
  std::optional<FloatAccumulate> floating;
  bool block_scaled = false;  ///< group sums are multiplied by powers of two, those of their blocks; `floating` is set
};

[[nodiscard]] IntKernelPlan make_int_kernel_plan(const DotSpec& spec);

/// DotUnit::accumulate with a fixed inner accumulator, or plan.floating if there is one; without the end of a chunk.
std::uint64_t int_accumulate(const IntKernelPlan& plan, const GroupBlock& block, Psum* psums, std::size_t psum_stride);

/// The exact group sums alone: sums[row * block.lanes + lane].
void int_group_sums(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums);

/// The same in plain scalar code.
void int_group_sums_reference(const IntKernelPlan& plan, const GroupBlock& block, std::int64_t* sums);

}  // namespace lnsim::numerics
