// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/numerics/random_dots.hpp"

#include <algorithm>

#include "sim/numerics/lns.hpp"

namespace lnsim::numerics::test {
namespace {

FormatPtr random_lns(Random& random) {
  const bool usual = random.chance(40);
  const auto bits = static_cast<unsigned>(usual ? 8 : random.between(2, random.chance(80) ? 10 : 16));
  const auto log2_gamma = static_cast<unsigned>(usual ? 3 : random.between(0, bits - 1));
  return make_lns(bits, 1U << log2_gamma, random.chance(70) ? ZeroMode::kZeroCode : ZeroMode::kMinCode);
}

unsigned random_vector_size(Random& random) {
  constexpr unsigned kUsual[] = {1, 8, 16, 32, 32, 32, 64};
  return random.chance(60) ? kUsual[random.between(0, 6)] : static_cast<unsigned>(random.between(1, 150));
}

DotSpec draw_lns_spec(Random& random) {
  DotSpec spec;
  spec.a = random_lns(random);
  spec.b = random.chance(60) ? spec.a : random_lns(random);
  const unsigned gamma =
      std::max(dynamic_cast<const LnsFormat&>(*spec.a).gamma(), dynamic_cast<const LnsFormat&>(*spec.b).gamma());
  spec.vector_size = random_vector_size(random);
  spec.conversion.structure = random.chance(50) ? LnsStructure::kPerElement : LnsStructure::kBinTrees;
  spec.conversion.lut_entries = 1;
  while (spec.conversion.lut_entries < gamma && random.chance(80)) spec.conversion.lut_entries *= 2;
  spec.conversion.fraction_bits = static_cast<unsigned>(random.chance(50) ? 8 : random.between(0, 16));
  if (random.chance(30)) {
    spec.tree_exact = true;
  } else if (random.chance(70)) {
    spec.tree_fraction_bits = random.chance(50) ? 0U : static_cast<unsigned>(random.between(0, 12));
  }
  FixedAccumulator accumulator;
  accumulator.bits = static_cast<unsigned>(random.chance(40) ? 24 : random.between(4, 48));
  if (random.chance(70)) accumulator.guard = static_cast<unsigned>(random.between(0, 10));
  accumulator.rounding = random.chance(50) ? Rounding::kFloor : Rounding::kNearestEven;
  spec.accumulator.fixed = accumulator;
  return spec;
}

FloatAccumulator random_float(Random& random) {
  return {static_cast<unsigned>(random.between(6, 8)), static_cast<unsigned>(random.between(3, 23)),
          random.chance(50) ? Rounding::kNearestEven : Rounding::kTowardZero, std::nullopt};
}

FixedAccumulator random_fixed(Random& random) {
  return {static_cast<unsigned>(random.between(8, 48)), std::nullopt, Rounding::kFloor};
}

}  // namespace

std::vector<std::byte> random_codes(Random& random, const Format& format, std::size_t count, unsigned large_percent) {
  std::vector<std::byte> codes(count * format.container_bytes());
  const auto mask = static_cast<Code>((std::uint64_t{1} << format.bits()) - 1);
  for (std::size_t i = 0; i < count; ++i) {
    auto code = static_cast<Code>(random.bits()) & mask;
    if (format.kind() == FormatKind::kLns && random.chance(large_percent)) {
      code |= (mask >> 1) & ~static_cast<Code>(random.between(0, 15));  // near the largest magnitude, either sign
    }
    if (random.chance(5)) code = 0;
    store_code(codes.data(), i, format.container_bytes(), code);
  }
  return codes;
}

DotSpec random_lns_spec(Random& random) {
  for (;;) {
    DotSpec spec = draw_lns_spec(random);
    try {
      [[maybe_unused]] const auto unit = make_dot_unit(spec);
      return spec;
    } catch (const SpecError&) {  // too wide: draw again
    }
  }
}

DotSpec random_int_spec(Random& random) {
  DotSpec spec;
  spec.a = find_format("int" + std::to_string(random.chance(40) ? 8 : random.between(2, 16)));
  spec.b = random.chance(50) ? spec.a : find_format("int" + std::to_string(random.between(2, 16)));
  spec.vector_size = random_vector_size(random);
  AccumulatorSpec& accumulator = spec.accumulator;
  if (random.chance(70)) {
    accumulator.fixed = random_fixed(random);
  } else {
    accumulator.floating = random_float(random);
  }
  if (random.chance(50)) {
    accumulator.chunk = spec.vector_size * static_cast<std::uint64_t>(random.between(1, 3));
    if (random.chance(30)) {
      accumulator.outer_floating = random_float(random);
    } else if (accumulator.fixed && random.chance(50)) {
      accumulator.outer_fixed = random_fixed(random);
    }
  }
  return spec;
}

std::string describe(const DotSpec& spec) {
  std::string text = spec.a->name() + " x " + spec.b->name() + " V " + std::to_string(spec.vector_size);
  text += spec.conversion.structure == LnsStructure::kBinTrees ? " bin_trees" : " per_element";
  text += " L " + std::to_string(spec.conversion.lut_entries) + " C " + std::to_string(spec.conversion.fraction_bits);
  text += spec.tree_exact ? " F exact" : " F " + std::to_string(spec.tree_fraction_bits.value_or(0));
  if (spec.accumulator.fixed) {
    const FixedAccumulator& fixed = *spec.accumulator.fixed;
    text += " A " + std::to_string(fixed.bits) + (fixed.guard ? " G " + std::to_string(*fixed.guard) : "");
    text += fixed.rounding == Rounding::kNearestEven ? " rhe" : " floor";
  } else {
    text += " float " + std::to_string(spec.accumulator.floating->mantissa);
  }
  if (spec.accumulator.chunk) text += " chunk " + std::to_string(*spec.accumulator.chunk);
  return text;
}

}  // namespace lnsim::numerics::test
