// SPDX-License-Identifier: Apache-2.0
#include "energy/components/codec.hpp"

#include <algorithm>
#include <cmath>

#include "energy/components/arithmetic.hpp"
#include "sim/numerics/stochastic.hpp"

namespace lnsim::energy {
namespace {

constexpr double kGeneratorBits = 32;  // [bit] linear feedback shift register, period 2^32 - 1; assumed, 2026
constexpr double kGeneratorTaps = 3;   // [gates] exclusive ors of its feedback, priced as adder bits; assumed, 2026

using numerics::FormatKind;

bool same_layout(const FormatWidths& code, double exponent, double mantissa) {
  return code.kind == FormatKind::kFloat && code.exponent == exponent && code.mantissa == mantissa;
}

}  // namespace

double log_table_entries(const FormatWidths& lns) { return std::exp2(lns.log2_gamma + 2.0); }

void add_decode(Bill& bill, std::string_view part, const FormatWidths& code, double exponent, double mantissa) {
  bill.add(part, Primitive::kRegister, code.bits);
  if (same_layout(code, exponent, mantissa)) return;
  switch (code.kind) {
    case FormatKind::kLns:
      add_table(bill, part, std::exp2(code.log2_gamma), mantissa, 1);
      bill.add(part, Primitive::kAdder, exponent);
      bill.add(part, Primitive::kAnd, code.exponent, 1, {1, 1, "detection of the zero code"});
      break;
    case FormatKind::kInt:
      bill.add(part, Primitive::kInverter, code.bits);
      bill.add(part, Primitive::kLeadingZeroCounter, code.bits);
      bill.add(part, Primitive::kShifter, code.bits);
      bill.add(part, Primitive::kMultiplierUnsigned, std::sqrt(code.bits * (mantissa + 1)), 1, {1, 1, "scale"});
      bill.add(part, Primitive::kAdder, exponent);
      break;
    case FormatKind::kFloat:
      bill.add(part, Primitive::kLeadingZeroCounter, code.mantissa + 1);
      bill.add(part, Primitive::kShifter, code.mantissa + 1);
      bill.add(part, Primitive::kAdder, exponent);
      if (code.mantissa > mantissa) bill.add(part, Primitive::kAdder, mantissa + 1);
      break;
  }
}

void add_encode(Bill& bill, std::string_view part, const FormatWidths& code, double exponent, double mantissa) {
  bill.add(part, Primitive::kRegister, code.bits);
  if (same_layout(code, exponent, mantissa)) return;
  switch (code.kind) {
    case FormatKind::kLns:
      add_table(bill, part, std::min(std::exp2(mantissa), log_table_entries(code)), code.log2_gamma + 1.0, 1);
      bill.add(part, Primitive::kAdder, exponent + code.log2_gamma);
      bill.add(part, Primitive::kMax, code.bits);
      break;
    case FormatKind::kInt:
      // Two bits beyond the code decide the rounding.
      bill.add(part, Primitive::kMultiplierUnsigned, std::sqrt((code.bits + 2) * (mantissa + 1)), 1, {1, 1, "scale"});
      bill.add(part, Primitive::kShifter, mantissa + 1);
      bill.add(part, Primitive::kAdder, code.bits);
      bill.add(part, Primitive::kInverter, code.bits);
      bill.add(part, Primitive::kMax, code.bits);
      break;
    case FormatKind::kFloat:
      bill.add(part, Primitive::kShifter, code.mantissa + 2, 1, {1, 1, "subnormals"});
      bill.add(part, Primitive::kAdder, code.mantissa + 1);
      bill.add(part, Primitive::kAdder, exponent);
      bill.add(part, Primitive::kMax, code.bits);
      break;
  }
}

void add_stochastic_rounding(Bill& bill) {
  constexpr std::string_view kPart = "stochastic_rounding";
  bill.add(kPart, Primitive::kRegister, kGeneratorBits, 1, {1, 1, "a generator per element and cycle"});
  bill.add(kPart, Primitive::kAdder, kGeneratorTaps, 1, {1, 1, "feedback"});
  bill.add(kPart, Primitive::kAdder, numerics::kStochasticBits, 1, {1, 1, "random bits to those that are cut"});
}

void add_block_scale(Bill& bill, const numerics::Format& format, double bits) {
  const BlockWidths block = block_widths_of(format);
  if (block.size == 0) return;
  constexpr std::string_view kPart = "block_scale";
  const double share = 1.0 / static_cast<double>(block.size);
  bill.add(kPart, Primitive::kMax, block.exponent + block.significand, 1, {1, 1, "largest magnitude of the block"});
  bill.add(kPart, Primitive::kRegister, bits, 1, {1, static_cast<double>(block.size), "waits for the block's scale"});
  bill.add(kPart, Primitive::kAdder, block.exponent, 1, {1, 1, "its exponent less the scale's"});
  bill.add(kPart, Primitive::kRegister, block.scale_bits, share, {1, 1.0 / share, "once per block"});
  if (block.significand == 0) return;
  // NVFP4: a significand of the scale, and its reciprocal, per block; a multiplication per element.
  add_table(bill, kPart, std::exp2(block.significand - 1.0), 2.0 * block.significand, share);
  bill.add(kPart, Primitive::kMultiplierUnsigned, 2.0 * block.significand, 1, {1, 1, "by the scale's reciprocal"});
}

}  // namespace lnsim::energy
