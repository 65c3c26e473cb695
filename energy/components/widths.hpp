// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/scheme.hpp"
#include "sim/support/text.hpp"

namespace lnsim::energy {

/// ceil(log2 n); 0 for n <= 1.
[[nodiscard]] unsigned ceil_log2(std::uint64_t n);

/// Fields of a format as a datapath sees them.
struct FormatWidths {
  numerics::FormatKind kind = numerics::FormatKind::kFloat;
  unsigned bits = 0;
  unsigned exponent = 0;       ///< FP: E. LNS: bits of the exponent code
  unsigned mantissa = 0;       ///< FP: M without the hidden bit
  unsigned log2_gamma = 0;     ///< LNS
  unsigned largest_field = 0;  ///< FP: exponent field of the largest finite code
  int bias = 0;                ///< FP
  bool zero_code = false;      ///< LNS
};
[[nodiscard]] FormatWidths widths_of(const numerics::Format& format);

/// The scales of block-scaled operands as a datapath sees them; no bits without block scales.
struct BlockWidths {
  unsigned scale_bits = 0;   ///< a stored scale
  unsigned exponent = 0;     ///< bits of the exponent that is added to a sum's
  unsigned significand = 0;  ///< bits of the significand that multiplies it, hidden bit included; 0: powers of two
  std::uint64_t size = 0;    ///< elements per scale

  /// Scales beside so many elements.
  [[nodiscard]] std::uint64_t scales(std::uint64_t elements) const { return size == 0 ? 0 : ceil_div(elements, size); }
};
[[nodiscard]] BlockWidths block_widths_of(const numerics::Format& format);
/// Bits of a vector of so many elements on wires and in buffers, the scales beside it included.
[[nodiscard]] std::uint64_t vector_bits_of(const numerics::Format& format, std::uint64_t elements);

/// Every width of a dot-product unit, from the definitions of its arithmetic (docs/energy.md has the formulas).
struct UnitWidths {
  FormatWidths a;
  FormatWidths b;
  std::uint64_t vector_size = 0;
  bool sign_split = false;

  unsigned product_bits = 0;   ///< INT product; FP significand product; LNS sum of exponents with carry
  unsigned exponent_bits = 0;  ///< FP: sum of exponents
  unsigned window = 0;         ///< magnitude bits of a tree input (INT: the two's complement product)
  unsigned significand = 0;    ///< bits of the window that one product occupies
  unsigned tree_out = 0;       ///< bits of the sum of V, with sign

  // LNS conversion
  unsigned bins = 1;           ///< adder trees
  unsigned table_entries = 0;  ///< per-element table; 0: none
  unsigned table_bits = 0;
  unsigned remainder_bits = 0;     ///< per element: bits of the linear remainder that multiply the table's output
  unsigned constant_digits = 0;    ///< signed digits of all bins' constants
  unsigned constant_fraction = 0;  ///< C

  // Block scales
  BlockWidths block;

  // Accumulator
  bool float_accumulator = false;
  unsigned accumulator_bits = 0;  ///< stored bits of the inner accumulator
  unsigned accumulator_exponent = 0;
  unsigned accumulator_mantissa = 0;
  unsigned rounding_bits = 0;  ///< bits cut with rounding to nearest (fixed accumulator)
  bool outer = false;
  bool outer_float = false;
  unsigned outer_bits = 0;
  unsigned outer_exponent = 0;
  unsigned outer_mantissa = 0;
  double outer_per_group = 0;  ///< moves to the outer accumulator per group of V: V / chunk

  [[nodiscard]] bool integer() const { return a.kind == numerics::FormatKind::kInt; }
  [[nodiscard]] bool lns() const { return a.kind == numerics::FormatKind::kLns; }
  /// Trees of a group whose sums meet the accumulator one by one: more than one where a group spans several blocks.
  [[nodiscard]] std::uint64_t sums_per_group() const {
    return block.size == 0 || vector_size <= block.size ? 1 : vector_size / block.size;
  }
  /// Bits of one stored partial sum.
  [[nodiscard]] unsigned psum_bits() const { return accumulator_bits + outer_bits; }
};

/// Widths of the unit for operands a and b; params' own formats and vector size are not looked at. Throws
/// numerics::SpecError if the operands do not belong together.
[[nodiscard]] UnitWidths unit_widths(const DotProductParams& params, const numerics::Format& a,
                                     const numerics::Format& b, std::uint64_t vector_size);

}  // namespace lnsim::energy
