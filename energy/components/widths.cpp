// SPDX-License-Identifier: Apache-2.0
#include "energy/components/widths.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/numerics/block_format.hpp"
#include "sim/numerics/float_format.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim::energy {
namespace {

using numerics::FormatKind;

unsigned to_width(std::int64_t bits) { return static_cast<unsigned>(std::clamp<std::int64_t>(bits, 1, 4096)); }

/// Non-zero digits of n in canonical signed-digit form.
unsigned signed_digits(std::uint64_t n) {
  unsigned digits = 0;
  for (; n != 0; n >>= 1) {
    if ((n & 1U) == 0) continue;
    ++digits;
    n = (n & 2U) == 0 ? n - 1 : n + 1;
  }
  return digits;
}

unsigned constant_digits(unsigned entries, unsigned fraction_bits) {
  unsigned digits = 0;
  for (unsigned i = 0; i < entries; ++i) {
    const double c = std::exp2(static_cast<double>(i) / entries + fraction_bits);
    digits += signed_digits(static_cast<std::uint64_t>(std::floor(c + 0.5)));
  }
  return digits;
}

void integer_widths(UnitWidths& u) {
  u.product_bits = u.a.bits + u.b.bits;
  u.window = u.product_bits;
  u.significand = u.product_bits;
  u.tree_out = u.product_bits + ceil_log2(u.vector_size);
}

unsigned default_window(const FormatWidths& a, const FormatWidths& b, const numerics::AccumulatorSpec& accumulator) {
  if (a.bits == 32 || b.bits == 32) return 28;
  return accumulator.floating->exponent == 5 && accumulator.floating->mantissa == 10 ? 16 : 24;
}

void float_widths(UnitWidths& u, const DotProductParams& params) {
  u.product_bits = u.a.mantissa + u.b.mantissa + 2;
  u.exponent_bits = std::max(u.a.exponent, u.b.exponent) + 1;
  if (!params.accumulator.fixed) {
    u.window = params.window.value_or(default_window(u.a, u.b, params.accumulator));
  } else {
    const numerics::FixedAccumulator& fixed = *params.accumulator.fixed;
    const int guard = static_cast<int>(fixed.guard.value_or(3));
    const int bias = u.a.bias + u.b.bias;
    const int top = static_cast<int>(u.a.largest_field + u.b.largest_field) - bias + 2;
    const int lam = top - (static_cast<int>(fixed.bits) - 1 - guard);
    const int least = 2 - bias - static_cast<int>(u.a.mantissa + u.b.mantissa);
    const int given = static_cast<int>(params.tree_fraction_bits.value_or(0));
    const int fraction = params.tree_exact ? std::max(0, lam - least) : given;
    u.window = to_width(top - lam + fraction);
    if (fixed.rounding == numerics::Rounding::kNearestEven) u.rounding_bits = static_cast<unsigned>(fraction);
  }
  u.significand = std::min(u.product_bits, u.window);
  u.tree_out = u.window + 1 + ceil_log2(u.vector_size);
}

void lns_widths(UnitWidths& u, const DotProductParams& params) {
  const unsigned b = std::max(u.a.log2_gamma, u.b.log2_gamma);
  const std::uint64_t sum = (((std::uint64_t{1} << u.a.exponent) - 1) << (b - u.a.log2_gamma)) +
                            (((std::uint64_t{1} << u.b.exponent) - 1) << (b - u.b.log2_gamma));
  u.product_bits = static_cast<unsigned>(std::bit_width(sum));
  const int range = static_cast<int>(sum >> b) + 1;
  const unsigned entries = std::min(params.conversion.lut_entries, 1U << b);
  const unsigned l = ceil_log2(entries);
  const unsigned fraction_bits = params.conversion.fraction_bits;
  const bool per_element = params.conversion.structure == numerics::LnsStructure::kPerElement && entries > 1;
  const int guard = params.accumulator.fixed ? static_cast<int>(params.accumulator.fixed->guard.value_or(6)) : 0;
  const int kept = params.accumulator.fixed ? static_cast<int>(params.accumulator.fixed->bits) - 1 : range;
  const int lam = range + guard - kept;
  const int full = range + static_cast<int>(b) + (per_element ? static_cast<int>(fraction_bits) : 0);
  const int tree_fraction = static_cast<int>(params.tree_fraction_bits.value_or(0));
  const int cut = params.tree_exact ? 0 : std::max(0, lam + full - range - tree_fraction);
  u.window = to_width(full - cut);
  u.remainder_bits = b - l;
  if (per_element) {
    u.table_entries = entries;
    u.table_bits = fraction_bits;
    u.significand = fraction_bits + 1 + u.remainder_bits;
  } else {
    u.bins = entries;
    u.significand = 1 + u.remainder_bits;
    u.constant_fraction = fraction_bits;
    if (entries > 1) u.constant_digits = constant_digits(entries, fraction_bits);
  }
  u.significand = std::min(u.significand, u.window);
  u.tree_out = u.window + 1 + ceil_log2(u.vector_size);
  const auto& fixed = params.accumulator.fixed;
  if (fixed && fixed->rounding == numerics::Rounding::kNearestEven)
    u.rounding_bits = static_cast<unsigned>(std::max(0, lam + full - range - cut));
}

void accumulator_widths(UnitWidths& u, const numerics::AccumulatorSpec& spec) {
  if (spec.floating) {
    u.float_accumulator = true;
    u.accumulator_exponent = spec.floating->exponent;
    u.accumulator_mantissa = spec.floating->mantissa;
    u.accumulator_bits = 1 + spec.floating->exponent + spec.floating->mantissa;
  } else {
    u.accumulator_bits = spec.fixed->bits;
  }
  if (!spec.chunk) return;
  u.outer = true;
  u.outer_per_group = static_cast<double>(u.vector_size) / static_cast<double>(*spec.chunk);
  const auto outer_float = spec.outer_fixed ? std::nullopt : spec.outer_floating ? spec.outer_floating : spec.floating;
  if (outer_float) {
    u.outer_float = true;
    u.outer_exponent = outer_float->exponent;
    u.outer_mantissa = outer_float->mantissa;
    u.outer_bits = 1 + outer_float->exponent + outer_float->mantissa;
  } else {
    u.outer_bits = (spec.outer_fixed ? spec.outer_fixed : spec.fixed)->bits;
  }
}

}  // namespace

unsigned ceil_log2(std::uint64_t n) { return n <= 1 ? 0U : static_cast<unsigned>(std::bit_width(n - 1)); }

FormatWidths widths_of(const numerics::Format& format) {
  FormatWidths w;
  w.kind = format.kind();
  w.bits = format.bits();
  if (w.kind == FormatKind::kLns) {
    const auto& lns = dynamic_cast<const numerics::LnsFormat&>(format);
    w.exponent = w.bits - 1;
    w.log2_gamma = lns.log2_gamma();
    w.zero_code = lns.zero_mode() == numerics::ZeroMode::kZeroCode;
  } else if (w.kind == FormatKind::kFloat) {
    const auto& fp = dynamic_cast<const numerics::FloatFormat&>(format);
    w.exponent = fp.layout().exponent_bits;
    w.mantissa = fp.layout().mantissa_bits;
    w.bias = fp.layout().bias;
    w.largest_field = fp.largest_field();
  }
  return w;
}

BlockWidths block_widths_of(const numerics::Format& format) {
  BlockWidths w;
  if (!format.block()) return w;
  const numerics::BlockFormat& block = *format.block();
  w.scale_bits = block.scale_bits();
  w.exponent = block.scale_bits();
  w.size = block.block();
  if (block.scale() == numerics::BlockScale::kE4M3) {
    w.exponent = numerics::nvfp4_scale().layout().exponent_bits;
    w.significand = numerics::nvfp4_scale().layout().mantissa_bits + 1;
  }
  return w;
}

std::uint64_t vector_bits_of(const numerics::Format& format, std::uint64_t elements) {
  const BlockWidths block = block_widths_of(format);
  return elements * format.bits() + block.scales(elements) * block.scale_bits;
}

UnitWidths unit_widths(const DotProductParams& params, const numerics::Format& a, const numerics::Format& b,
                       std::uint64_t vector_size) {
  if (a.kind() != b.kind()) throw numerics::SpecError("operands " + a.name() + " and " + b.name() + " do not multiply");
  if (!params.accumulator.fixed && !params.accumulator.floating) throw numerics::SpecError("no accumulator");
  if (vector_size == 0) throw numerics::SpecError("vector size 0");
  UnitWidths u;
  u.a = widths_of(a);
  u.b = widths_of(b);
  u.vector_size = vector_size;
  u.block = block_widths_of(a);
  switch (a.kind()) {
    case FormatKind::kInt: integer_widths(u); break;
    case FormatKind::kFloat: float_widths(u, params); break;
    case FormatKind::kLns: lns_widths(u, params); break;
  }
  // A two's complement product has no sign of its own to split.
  u.sign_split = params.sign_split && !u.integer();
  accumulator_widths(u, params.accumulator);
  return u;
}

}  // namespace lnsim::energy
