// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "energy/components/arithmetic.hpp"
#include "energy/components/codec.hpp"
#include "energy/components/components.hpp"
#include "energy/components/memory.hpp"

namespace lnsim::energy {
namespace {

using numerics::FormatKind;

constexpr double kScaleBits = 16;           // [bit] INT requantisation multiplier; definition
constexpr double kStatisticsMantissa = 23;  // [bit] FP32 sums; definition
constexpr double kStatisticsExponent = 8;   // [bit] FP32 sums; definition

/// Sign and magnitude of a fixed-point sum, normalised.
void add_normalise(Bill& bill, unsigned bits) {
  bill.add("normalise", Primitive::kInverter, bits);
  bill.add("normalise", Primitive::kLeadingZeroCounter, bits);
  bill.add("normalise", Primitive::kShifter, bits);
}

void add_requantise_fixed(Bill& bill, const UnitWidths& unit, unsigned bits, const FormatWidths& out) {
  if (out.kind == FormatKind::kInt) {
    bill.add("scale", Primitive::kMultiplierSigned, std::sqrt(bits * kScaleBits));
    bill.add("scale", Primitive::kShifter, bits + kScaleBits);
    bill.add("round", Primitive::kAdder, out.bits);
    bill.add("clip", Primitive::kMax, out.bits);
    return;
  }
  add_normalise(bill, bits);
  const unsigned exponent = unit.lns() ? unit.a.exponent : unit.exponent_bits;
  add_encode(bill, "requantise", out, exponent + 2, bits - 1.0);
}

void add_requantise(Bill& bill, const UnitWidths& unit, const FormatWidths& out) {
  const bool floating = unit.outer ? unit.outer_float : unit.float_accumulator;
  const unsigned bits = unit.outer ? unit.outer_bits : unit.accumulator_bits;
  if (!floating) {
    bill.add("bias", Primitive::kAdder, bits);
    add_requantise_fixed(bill, unit, bits, out);
    return;
  }
  const unsigned exponent = unit.outer ? unit.outer_exponent : unit.accumulator_exponent;
  const unsigned mantissa = unit.outer ? unit.outer_mantissa : unit.accumulator_mantissa;
  bill.add("scale", Primitive::kAdder, exponent);
  add_encode(bill, "requantise", out, exponent, mantissa);
}

}  // namespace

Bill bill_ppu_output(const Machine& machine, const UnitWidths& unit, const numerics::Format& format) {
  const FormatWidths out = widths_of(format);
  Bill bill;
  const bool floating = unit.outer ? unit.outer_float : unit.float_accumulator;
  if (floating) {
    add_float_add(bill, "bias", unit.outer ? unit.outer_exponent : unit.accumulator_exponent,
                  unit.outer ? unit.outer_mantissa : unit.accumulator_mantissa, 1, machine.technology.logic);
  }
  add_block_scale(bill, format, unit.psum_bits());
  add_requantise(bill, unit, out);
  bill.add("activation", Primitive::kAnd, out.bits);
  bill.add("maximum", Primitive::kMax, out.bits, 1, {1, 1, "tracked for delayed scales"});
  const double stage_bits = 0.5 * (unit.psum_bits() + out.bits);
  bill.add("pipeline", Primitive::kRegister, stage_bits, static_cast<double>(machine.accelerator.pe.ppu_cycles),
           {1, 1, "a register per stage, mean of the widths in and out"});
  return bill;
}

Bill bill_ppu_partial(const UnitWidths& unit) {
  Bill bill;
  bill.add("bypass", Primitive::kMux, unit.psum_bits());
  bill.add("bypass", Primitive::kRegister, unit.psum_bits());
  return bill;
}

Bill bill_ppu_statistics(const Machine& machine) {
  Bill bill;
  if (machine.accelerator.pe.statistics_channels == 0) return bill;
  const FormatWidths vector = widths_of(*machine.scheme.vector);
  add_float_multiply(bill, "square", vector.exponent, vector.mantissa, 1);
  for (int sum = 0; sum < 2; ++sum) {
    add_float_add(bill, "sums", kStatisticsExponent, kStatisticsMantissa, 1, machine.technology.logic);
  }
  // The outputs of a cycle are neighbouring channels: they share a word.
  const double share = 1.0 / static_cast<double>(machine.accelerator.pe.ppu_width);
  add_memory_read(bill, "channel_memory", machine.statistics, machine.statistics.word_bits, share);
  add_memory_write(bill, "channel_memory", machine.statistics, machine.statistics.word_bits, share);
  return bill;
}

Bill hardware_ppu(const Machine& machine) {
  const auto pes = static_cast<double>(machine.accelerator.pes());
  const double width = pes * static_cast<double>(machine.accelerator.pe.ppu_width);
  numerics::FormatPtr widest = machine.scheme.activation;
  for (const auto& format : {machine.scheme.gradient, machine.scheme.weight_gradient}) {
    if (format->bits() > widest->bits()) widest = format;
  }
  Bill bill;
  bill.append(bill_ppu_output(machine, machine.unit, *widest), 0, width);
  if (machine.scheme.gradient_rounding == GradientRounding::kStochastic) {
    Bill generators;
    add_stochastic_rounding(generators);
    bill.append(generators, 0, width);
  }
  bill.append(bill_ppu_partial(machine.unit), 0, width);
  if (machine.accelerator.pe.statistics_channels > 0) {
    bill.append(bill_ppu_statistics(machine), 0, width);
    add_memory_hardware(bill, "channel_memory", machine.statistics, pes);
  }
  return bill;
}

}  // namespace lnsim::energy
