// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/lns_datapath.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace lnsim::numerics {
namespace {

constexpr unsigned kDefaultGuard = 6;
/// The widths every implementation must accept end here; 64-bit sums need them to.
constexpr std::int64_t kMaxTreeBits = 63;

std::shared_ptr<const LnsFormat> as_lns(const FormatPtr& format) {
  auto lns = std::dynamic_pointer_cast<const LnsFormat>(format);
  if (!lns) throw SpecError("both operands of an LNS unit must be LNS formats");
  return lns;
}

void check_fields(const DotSpec& spec) {
  const AccumulatorSpec& accumulator = spec.accumulator;
  if (spec.vector_size < 1) throw SpecError("the vector size must be at least 1");
  if (!accumulator.fixed || accumulator.floating) throw SpecError("an LNS unit has a fixed accumulator");
  if (accumulator.chunk || accumulator.outer_fixed || accumulator.outer_floating) {
    throw SpecError("an LNS unit has no chunks");
  }
  if (accumulator.fixed->rounding == Rounding::kTowardZero) throw SpecError("an LNS unit rounds by floor or rhe");
  if (spec.window) throw SpecError("a window belongs to FP operands with a float accumulator");
  if (spec.tree_exact && spec.tree_fraction_bits) throw SpecError("a tree is exact or has fraction bits");
}

unsigned checked_log2_lut(const DotSpec& spec, unsigned gamma) {
  const unsigned entries = spec.conversion.lut_entries;
  if (!std::has_single_bit(entries) || entries > gamma) {
    throw SpecError("LUT entries " + std::to_string(entries) +
                    ", expected a power of two from 1 to gamma = " + std::to_string(gamma));
  }
  return static_cast<unsigned>(std::countr_zero(entries));
}

/// 1 + W + b + (C + 1) + ceil(log2 V) - D + 1, and room for a sum that is shifted left into the accumulator.
void check_widths(const DotSpec& spec, LnsDatapath& path, std::int64_t widest_product) {
  const std::int64_t group_bits = std::bit_width(spec.vector_size - 1U);
  path.tree_bits = 1 + widest_product + path.log2_gamma + path.fraction_bits + 1 + group_bits - path.dropped + 1;
  if (path.tree_bits + path.rounding.left > kMaxTreeBits) {
    throw SpecError("the group sum of this LNS unit needs " + std::to_string(path.tree_bits + path.rounding.left) +
                    " bits, at most " + std::to_string(kMaxTreeBits) + " are supported");
  }
}

}  // namespace

std::int64_t LnsDatapath::tree_input(std::int64_t p) const {
  const std::int64_t q = p >> log2_gamma;
  const std::int64_t t = p & ((gamma() >> log2_lut) - 1);
  const std::int64_t linear = gamma() + t;
  return per_element ? shift_net(constants[bin(p)] * linear, q - dropped) : shift_net(linear, q - dropped);
}

LnsDatapath make_lns_datapath(const DotSpec& spec) {
  check_fields(spec);
  LnsDatapath path;
  path.a.format = as_lns(spec.a);
  path.b.format = as_lns(spec.b);
  path.log2_gamma = std::max(path.a.format->log2_gamma(), path.b.format->log2_gamma());
  path.a.exponent_shift = path.log2_gamma - path.a.format->log2_gamma();
  path.b.exponent_shift = path.log2_gamma - path.b.format->log2_gamma();
  path.per_element = spec.conversion.structure == LnsStructure::kPerElement;
  path.log2_lut = checked_log2_lut(spec, 1U << path.log2_gamma);
  path.fraction_bits = spec.conversion.fraction_bits;
  if (path.fraction_bits > 60) throw SpecError("LUT fraction bits, expected at most 60");

  path.full_scale = path.a.max_exponent() + path.b.max_exponent();
  path.max_quotient = path.full_scale >> path.log2_gamma;
  const std::int64_t widest_product = path.max_quotient + 1;  // W
  const FixedAccumulator& accumulator = *spec.accumulator.fixed;
  path.guard = accumulator.guard.value_or(kDefaultGuard);
  path.lsb = widest_product + path.guard - (std::int64_t{accumulator.bits} - 1);
  const std::int64_t conversion_bits = path.per_element ? path.fraction_bits : 0;
  const std::int64_t full_resolution = path.lsb + path.log2_gamma;
  path.dropped = spec.tree_exact ? 0
                                 : std::max<std::int64_t>(
                                       0, full_resolution + conversion_bits - spec.tree_fraction_bits.value_or(0));
  path.rounding = GroupRounding(full_resolution + path.fraction_bits - path.dropped, accumulator.rounding);
  check_widths(spec, path, widest_product);
  for (unsigned i = 0; i < 1U << path.log2_lut; ++i) {
    path.constants.push_back(exp2_constant(i, path.log2_lut, path.fraction_bits));
  }
  return path;
}

}  // namespace lnsim::numerics
