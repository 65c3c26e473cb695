// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/numerics/lns_datapath.hpp"

namespace lnsim::numerics {

/// How codes of one operand become the distance of their exponent from the largest one, at the common gamma.
struct LnsKernelOperand {
  unsigned container_bytes = 1;
  unsigned bits = 8;
  unsigned exponent_shift = 0;
  std::int64_t top = 0;    ///< distance of e = 0
  bool zero_code = false;  ///< distance `top` contributes nothing
};

/// The vector kernel of an LNS unit. An element contributes +-f(distance), distance = distance_a + distance_b >= 0:
/// * float table, where gamma fits one vector and f is a truncated geometric sequence: f = trunc(top[r] * 2^-(distance
///   >> b)), r = distance mod gamma, times factor[r] in bin_trees. Computed by subtracting the distance from the
///   exponent field of a floating-point table entry; the sign goes along as the sign of the number, and the conversion
///   to an integer truncates magnitudes as the definition demands.
/// * else a table of f for every distance.
/// Sums are 32-bit where a whole group fits, else 64-bit (`wide`).
struct LnsKernelPlan {
  LnsKernelOperand a;
  LnsKernelOperand b;
  unsigned log2_gamma = 0;
  bool wide = false;
  bool float_table = false;           ///< the float table is exact for this unit
  bool multiply = false;              ///< contributions are multiplied by factor[r]
  int top_exponent = -1;              ///< floor(log2(largest top)); -1 if every contribution is zero
  std::vector<double> top;            ///< by r
  std::vector<std::int64_t> factor;   ///< by r
  std::vector<std::int32_t> table32;  ///< f by distance, if not wide; the last entry is zero
  std::vector<std::int64_t> table64;  ///< f by distance, if wide; the last entry is zero
  GroupRounding rounding;
  FixedRange range{2};
  bool block_scaled = false;         ///< sums lie as many octaves lower as the scales of their blocks say
  Rounding mode = Rounding::kFloor;  ///< of the accumulator, for the shifts of block-scaled sums
};

/// How a group's sum is rounded whose blocks have these scales, powers of two up to 1.
[[nodiscard]] inline GroupRounding scaled_rounding(const GroupRounding& plain, Rounding mode, double a_scale,
                                                   double b_scale) {
  constexpr int kMantissa = 52;
  constexpr std::int64_t kBias = 1023;
  const auto field = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(a_scale * b_scale) >> kMantissa);
  return {plain.shift() + kBias - field, mode};
}

[[nodiscard]] LnsKernelPlan make_lns_kernel_plan(const LnsDatapath& path, unsigned vector_size,
                                                 const FixedRange& range);

/// DotUnit::accumulate for the best instruction set of the machine. `unit` is the reference where there is none.
std::uint64_t lns_accumulate(const LnsKernelPlan& plan, const DotUnit& unit, const GroupBlock& block, Psum* psums,
                             std::size_t psum_stride);

}  // namespace lnsim::numerics
