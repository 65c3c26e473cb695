// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_plan.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "sim/numerics/block_format.hpp"

namespace lnsim::numerics {
namespace {

constexpr int kMaxWindowSumBits = 58;  // W + ceil(log2 V): FloatAccumulate takes addends below 2^61
constexpr int kMaxFixedSumBits = 63;   // A - G + F + ceil(log2 V): a group sum with sign in 64 bits

const FloatFormat& float_operand(const FormatPtr& format, const char* which) {
  if (!format) throw SpecError(std::string("operand ") + which + " has no format");
  const auto* found = dynamic_cast<const FloatFormat*>(format.get());
  if (found == nullptr) {
    throw SpecError(std::string("operand ") + which + ": " + format->name() +
                    " is not a floating-point format (both operands must be)");
  }
  return *found;
}

void check_fixed_bits(unsigned bits, const char* which) {
  if (bits < 2 || bits > 48) throw SpecError(std::string(which) + ": bits must lie in 2..48");
}

void check_fixed_rounding(Rounding rounding, const char* which) {
  if (rounding == Rounding::kTowardZero) {
    throw SpecError(std::string(which) + ": rounding must be floor or nearest even (rhe)");
  }
}

/// Fields that belong to the other kind of accumulator, to chunks, or to each other.
void check_combination(const DotSpec& spec) {
  const AccumulatorSpec& acc = spec.accumulator;
  if (acc.fixed.has_value() == acc.floating.has_value()) {
    throw SpecError("accumulator: exactly one of fixed and float must be given");
  }
  if (acc.floating && (spec.tree_fraction_bits || spec.tree_exact)) {
    throw SpecError("tree fraction bits (F) belong to a fixed accumulator");
  }
  if (acc.fixed && spec.window) throw SpecError("the window (W) belongs to a float accumulator");
  if (spec.tree_exact && spec.tree_fraction_bits) {
    throw SpecError("tree fraction bits (F) cannot be both exact and a number");
  }
  if (!acc.chunk && (acc.outer_fixed || acc.outer_floating)) {
    throw SpecError("an outer accumulator needs a chunk length");
  }
  if (acc.outer_fixed && acc.outer_floating) throw SpecError("outer accumulator: fixed and float exclude each other");
  if (acc.floating && acc.outer_fixed) throw SpecError("a float inner accumulator needs a float outer one");
}

unsigned default_window(const FloatLayout& a, const FloatLayout& b, const FloatAccumulator& acc) {
  if (a.mantissa_bits > 10 || b.mantissa_bits > 10) return 28;  // an FP32 operand
  return acc.exponent == 5 && acc.mantissa == 10 ? 16 : 24;
}

void plan_float_accumulator(FloatPlan& plan) {
  DotSpec& spec = plan.spec;
  plan.floating.emplace(*spec.accumulator.floating);
  if (!spec.window) spec.window = default_window(plan.a, plan.b, *spec.accumulator.floating);
  const unsigned window = *spec.window;
  if (window < 1) throw SpecError("the window (W) must be at least 1");
  if (window > 58 || static_cast<int>(window) + plan.log2_elements > kMaxWindowSumBits) {
    throw SpecError("the window (W) plus ceil(log2 V) must not exceed 58");
  }
  plan.window = static_cast<int>(window);
}

void plan_fixed_accumulator(FloatPlan& plan) {
  DotSpec& spec = plan.spec;
  FixedAccumulator& acc = *spec.accumulator.fixed;
  check_fixed_bits(acc.bits, "accumulator");
  check_fixed_rounding(acc.rounding, "accumulator");
  if (!acc.guard) acc.guard = 3;
  if (*acc.guard > 63) throw SpecError("accumulator: guard must not exceed 63");
  const int high_bits = static_cast<int>(acc.bits) - static_cast<int>(*acc.guard);
  const int lam = plan.top_exponent - (high_bits - 1);
  if (!spec.tree_exact && !spec.tree_fraction_bits) spec.tree_fraction_bits = 0;
  if (spec.tree_fraction_bits.value_or(0) > 128) throw SpecError("tree fraction bits (F) must not exceed 128");
  const int exact = std::max(0, lam - plan.least_product_exponent());
  const int fraction = spec.tree_exact ? exact : static_cast<int>(*spec.tree_fraction_bits);
  const int width = high_bits + fraction + plan.log2_elements;
  if (width > kMaxFixedSumBits) {
    throw SpecError("group sums of A - G + F + ceil(log2 V) = " + std::to_string(width) +
                    " bits exceed 63 (F = " + std::to_string(fraction) + (spec.tree_exact ? ", exact)" : ")"));
  }
  plan.fixed = FixedGrid{lam, fraction, acc.rounding == Rounding::kFloor, acc.bits};
}

void plan_chunks(FloatPlan& plan) {
  AccumulatorSpec& acc = plan.spec.accumulator;
  if (!acc.chunk) return;
  if (*acc.chunk == 0 || *acc.chunk % plan.spec.vector_size != 0) {
    throw SpecError("the chunk length must be a positive multiple of the vector size");
  }
  plan.chunked = true;
  if (!acc.outer_fixed && !acc.outer_floating) {  // the inner one again
    acc.outer_floating = acc.floating;
    if (acc.fixed) acc.outer_fixed = FixedAccumulator{acc.fixed->bits, std::nullopt, acc.fixed->rounding};
  }
  if (acc.outer_fixed) {
    check_fixed_bits(acc.outer_fixed->bits, "outer accumulator");
    check_fixed_rounding(acc.outer_fixed->rounding, "outer accumulator");
    if (acc.outer_fixed->guard) {
      throw SpecError("outer accumulator: guard is not allowed, its LSB is that of the inner one");
    }
    plan.outer_fixed_bits = acc.outer_fixed->bits;
  } else {
    plan.outer_floating.emplace(*acc.outer_floating);
  }
}

}  // namespace

FloatPlan make_float_plan(const DotSpec& spec) {
  FloatPlan plan;
  plan.spec = spec;
  const FloatFormat& a = float_operand(spec.a, "a");
  const FloatFormat& b = float_operand(spec.b, "b");
  if (spec.vector_size < 1) throw SpecError("the vector size (V) must be at least 1");
  check_combination(spec);
  plan.a = a.layout();
  plan.b = b.layout();
  plan.a_bytes = a.container_bytes();
  plan.b_bytes = b.container_bytes();
  plan.bias_sum = plan.a.bias + plan.b.bias;
  plan.product_bits = static_cast<int>(plan.a.mantissa_bits + plan.b.mantissa_bits) + 2;
  plan.top_exponent = static_cast<int>(a.largest_field() + b.largest_field()) - plan.bias_sum + 2;
  plan.log2_elements = static_cast<int>(std::bit_width(spec.vector_size - 1));
  if (a.block()) {
    plan.block_scaled = true;
    if (a.block()->scale() == BlockScale::kE4M3) plan.scale_bits = 8;  // 4 each
  }
  if (spec.accumulator.floating) {
    plan_float_accumulator(plan);
  } else {
    plan_fixed_accumulator(plan);
  }
  plan_chunks(plan);
  return plan;
}

}  // namespace lnsim::numerics
