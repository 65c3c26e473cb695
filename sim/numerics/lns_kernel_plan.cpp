// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/numerics/lns_kernel.hpp"

namespace lnsim::numerics {
namespace {

constexpr int kFloatBits = 24;
constexpr int kDoubleBits = 53;

LnsKernelOperand make_operand(const LnsOperand& operand, std::int64_t slack) {
  LnsKernelOperand result;
  result.container_bytes = operand.format->container_bytes();
  result.bits = operand.format->bits();
  result.exponent_shift = operand.exponent_shift;
  result.top = operand.max_exponent() + slack;
  result.zero_code = operand.format->zero_mode() == ZeroMode::kZeroCode;
  return result;
}

/// f for every distance up to where only zeros follow; returns the largest entry.
std::int64_t fill_table(const LnsDatapath& path, std::int64_t last, std::vector<std::int64_t>& table) {
  std::int64_t largest = 0;
  std::int64_t octave_largest = 1;
  for (std::int64_t distance = 0; distance <= last && octave_largest > 0; distance += path.gamma()) {
    octave_largest = 0;
    for (std::int64_t r = 0; r < path.gamma(); ++r) {
      const std::int64_t p = last - distance - r;
      // The first distances belong to no pair of codes where P + 1 is no multiple of gamma.
      table.push_back(p > path.full_scale ? 0 : path.contribution(p));
      octave_largest = std::max(octave_largest, table.back());
    }
    largest = std::max(largest, octave_largest);
  }
  table.push_back(0);
  return largest;
}

/// The geometric form of f, if a floating-point number of the chosen width holds it exactly.
void fill_float_table(const LnsDatapath& path, LnsKernelPlan& plan) {
  plan.multiply = !path.per_element && path.dropped > 0;
  const std::int64_t gamma = path.gamma();
  const int limit_bits = plan.wide ? kDoubleBits : kFloatBits;
  const std::int64_t octaves = path.max_quotient - path.dropped;
  if (gamma > 16 || octaves > 62) return;
  double largest = 0.0;
  for (std::int64_t distance = 0; distance < gamma; ++distance) {
    const std::int64_t r = gamma - 1 - distance;
    const std::int64_t linear = gamma + (r & ((gamma >> path.log2_lut) - 1));
    const std::int64_t constant = path.constants[path.bin(r)];
    const std::int64_t significand = plan.multiply ? linear : linear * constant;
    if (significand >> limit_bits != 0) return;
    plan.factor.push_back(constant);
    plan.top.push_back(
        std::ldexp(static_cast<double>(significand), static_cast<int>(std::max<std::int64_t>(octaves, -1000))));
    largest = std::max(largest, plan.top.back());
  }
  if (largest >= 1.0) {
    plan.top_exponent = std::ilogb(largest);
  } else {
    std::fill(plan.top.begin(), plan.top.end(), 0.25);  // nothing survives the truncation; stay in a float's range
  }
  // Tops above what a pair of codes reaches exist where P is no multiple of gamma: they must fit the conversion too.
  plan.float_table = plan.top_exponent < (plan.wide ? 62 : 31);
}

}  // namespace

LnsKernelPlan make_lns_kernel_plan(const LnsDatapath& path, unsigned vector_size, const FixedRange& range) {
  LnsKernelPlan plan;
  const std::int64_t last = (path.max_quotient << path.log2_gamma) | (path.gamma() - 1);
  plan.a = make_operand(path.a, 0);
  plan.b = make_operand(path.b, last - path.full_scale);
  plan.log2_gamma = path.log2_gamma;
  plan.rounding = path.rounding;
  plan.range = range;
  const std::int64_t largest = fill_table(path, last, plan.table64);
  plan.wide = largest > std::numeric_limits<std::int32_t>::max() / std::int64_t{vector_size};
  if (!plan.wide) {
    for (const std::int64_t entry : plan.table64) plan.table32.push_back(static_cast<std::int32_t>(entry));
    plan.table64.clear();
  }
  fill_float_table(path, plan);
  return plan;
}

}  // namespace lnsim::numerics
