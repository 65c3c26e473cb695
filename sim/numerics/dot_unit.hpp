// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/numerics/format.hpp"
#include "sim/numerics/prepared_a.hpp"

namespace lnsim::numerics {

enum class Rounding : std::uint8_t { kFloor, kNearestEven, kTowardZero };
enum class LnsStructure : std::uint8_t { kBinTrees, kPerElement };

/// How an LNS unit turns 2^(r/gamma) into a linear value.
struct LnsConversion {
  LnsStructure structure = LnsStructure::kPerElement;
  unsigned lut_entries = 8;    ///< L, a power of two, 1 <= L <= gamma
  unsigned fraction_bits = 8;  ///< C
};

struct FixedAccumulator {
  unsigned bits = 24;                    ///< A
  std::optional<unsigned> guard;         ///< G; default 6 for LNS, 3 for FP; INT has none
  Rounding rounding = Rounding::kFloor;  ///< floor or nearest even
};

struct FloatAccumulator {
  unsigned exponent = 8;
  unsigned mantissa = 23;
  Rounding rounding = Rounding::kNearestEven;  ///< nearest even or toward zero
  std::optional<int> bias;                     ///< default 2^(exponent-1) - 1
};

/// An accumulator, with an outer one if sums are chunked.
struct AccumulatorSpec {
  std::optional<FixedAccumulator> fixed;  ///< exactly one of fixed and floating is set
  std::optional<FloatAccumulator> floating;
  std::optional<std::uint64_t> chunk;  ///< elements per chunk, a multiple of V
  std::optional<FixedAccumulator> outer_fixed;
  std::optional<FloatAccumulator> outer_floating;
};

/// The arithmetic of one dot-product unit. Fields that do not belong to its operands and accumulator are errors.
struct DotSpec {
  FormatPtr a;
  FormatPtr b;
  unsigned vector_size = 32;  ///< V, elements per group
  LnsConversion conversion;   ///< LNS operands only
  /// F: an integer, or tree_exact = true, or neither, which means F = 0. LNS, and FP with a fixed accumulator.
  std::optional<unsigned> tree_fraction_bits;
  bool tree_exact = false;
  std::optional<unsigned> window;  ///< W: FP operands with a float accumulator
  AccumulatorSpec accumulator;
};

/// Raw accumulator state of one output. What the integers mean belongs to the unit; both travel when a sum is spilled.
struct Psum {
  std::int64_t inner = 0;
  std::int64_t outer = 0;
  friend bool operator==(const Psum&, const Psum&) = default;
};

/// One K-group of a tile: `elements` (1..V) products for each of rows x lanes outputs.
/// a: codes [lane][a_stride], b: codes [row][b_stride], strides in elements, containers as the formats say.
struct GroupBlock {
  const std::byte* a = nullptr;
  const std::byte* b = nullptr;
  std::size_t a_stride = 0;
  std::size_t b_stride = 0;
  unsigned lanes = 0;
  unsigned rows = 0;
  unsigned elements = 0;
  /// True if the inner accumulator moves to the outer one after this group (end of a chunk, or of the whole sum);
  /// ignored by units without chunks.
  bool chunk_end = false;
  /// Optional: kept for operand A across blocks, for speed alone. See PreparedA.
  PreparedA* prepared_a = nullptr;
  /// Operands with block scales (Format::block()) only, and always there: the factor of the block in which the group
  /// lies, one for each lane of A and each row of B. See BlockFormat::factor().
  const double* a_scales = nullptr;
  const double* b_scales = nullptr;
};

/// A V-element dot-product unit with its accumulator. Stateless and thread-safe; state lives in Psum.
class DotUnit {
 public:
  virtual ~DotUnit() = default;

  [[nodiscard]] virtual const DotSpec& spec() const = 0;
  /// Adds one group to psums[row * psum_stride + lane]; returns the number of saturating accumulator updates.
  /// Vectorised; bit-identical to accumulate_reference. Codes must be valid (checked when they are made, not here).
  virtual std::uint64_t accumulate(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const = 0;
  /// The same in plain scalar code, in the order of the definitions.
  virtual std::uint64_t accumulate_reference(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const = 0;

  /// The accumulator as the integer of the definitions (`acc` of a fixed accumulator), or 0 for floats.
  [[nodiscard]] virtual std::int64_t accumulator_integer(const Psum& psum) const = 0;
  /// Exact value of the (outer) accumulator without scales: mantissa * 2^exponent.
  struct Exact {
    std::int64_t mantissa = 0;
    int exponent = 0;  ///< LNS: weight of the LSB in unit products of value 2^(-P/gamma); see lns_log2_unit()
  };
  [[nodiscard]] virtual Exact exact(const Psum& psum) const = 0;
  /// LNS: -P/gamma, the log2 of a unit product without scales; 0 for INT and FP.
  [[nodiscard]] virtual double log2_unit() const { return 0.0; }
  /// exact(psum) * 2^log2_unit() * scale_a * scale_b in binary64.
  [[nodiscard]] double value(const Psum& psum, double scale_a, double scale_b) const {
    return values(scale_a, scale_b).of(exact(psum));
  }
  /// What value() computes from the scales alone, for many psums.
  class Values {
   public:
    Values(double log2_unit, double scale_a, double scale_b);
    [[nodiscard]] double of(const Exact& number) const;

   private:
    double scale_a_, scale_b_, fraction_;
    int octave_;
  };
  [[nodiscard]] Values values(double scale_a, double scale_b) const { return {log2_unit(), scale_a, scale_b}; }
  /// Bits of the raw state of one output where it is stored or spilled (inner and, if chunked, outer).
  [[nodiscard]] virtual unsigned psum_bits() const = 0;
};

/// Builds the unit; throws SpecError with what is wrong. Operands with block scales: the unit of
/// docs/block_formats.md, section 3 (BlockDotUnit is the same in the order of the definitions).
[[nodiscard]] std::unique_ptr<DotUnit> make_dot_unit(const DotSpec& spec);

/// Rows of an operand along K.
struct GemmOperand {
  const std::byte* codes = nullptr;  ///< [row][k]
  /// Operands with block scales: the factor of each block of each row, [block][row].
  const double* scales = nullptr;

  // Not explicit: rows of most formats are their codes alone.
  GemmOperand(const std::byte* all_codes, const double* block_scales = nullptr)
      : codes(all_codes), scales(block_scales) {}
};

/// K elements in groups of V from the start (of a block, where V is longer), chunk ends placed; a: m rows, b: n rows;
/// out: [n][m] psums, which are cleared first. reference selects accumulate_reference. Returns saturations.
std::uint64_t gemm(const DotUnit& unit, GemmOperand a, GemmOperand b, std::size_t m, std::size_t n, std::size_t k,
                   Psum* out, bool reference = false);

}  // namespace lnsim::numerics
