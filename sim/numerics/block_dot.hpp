// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "sim/numerics/block_format.hpp"
#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// The arithmetic of a dot-product unit on block-scaled operands (docs/block_formats.md, section 3). Fields as in
/// DotSpec; those that do not belong to the elements are errors.
struct BlockDotSpec {
  BlockFormatPtr a;
  BlockFormatPtr b;
  /// V, a divisor of both blocks, or a multiple of both: then the unit adds the sums of a group's blocks one by one.
  unsigned vector_size = 16;
  LnsConversion conversion;  ///< block LNS
  std::optional<unsigned> tree_fraction_bits;
  bool tree_exact = false;
  std::optional<unsigned> window;  ///< FP elements; default 24
  AccumulatorSpec accumulator;     ///< floating for MX and NVFP4, fixed for block LNS
};

/// The same of a unit whose formats a and b have block scales (Format::block()); throws SpecError if one has none.
[[nodiscard]] BlockDotSpec block_dot_spec(const DotSpec& spec);

/// A sequence of codes along K with a scale per block.
struct BlockOperand {
  std::span<const Code> codes;
  std::span<const Code> scales;
};

/// A unit on block-scaled operands, in plain scalar code in the order of the definitions. Stateless.
class BlockDotUnit {
 public:
  virtual ~BlockDotUnit() = default;

  [[nodiscard]] virtual const BlockDotSpec& spec() const = 0;
  /// The dot product of equally long operands, chunk ends placed; `psum` is cleared first. Returns saturating updates.
  /// Throws CodeError for a code or a scale that is not a number, SpecError for operands of different lengths or with
  /// another number of scales than blocks.
  virtual std::uint64_t dot(const BlockOperand& a, const BlockOperand& b, Psum& psum) const = 0;
  /// The result without tensor scales: mantissa * 2^exponent * 2^log2_unit.
  [[nodiscard]] virtual DotUnit::Exact exact(const Psum& psum) const = 0;
  [[nodiscard]] virtual double log2_unit() const = 0;
  /// Bits of the raw state of one output (inner and, if chunked, outer).
  [[nodiscard]] virtual unsigned psum_bits() const = 0;
  /// Whether the accumulator that holds the result is fixed.
  [[nodiscard]] virtual bool result_fixed() const = 0;
  [[nodiscard]] double value(const Psum& psum, double scale_a, double scale_b) const {
    return DotUnit::Values(log2_unit(), scale_a, scale_b).of(exact(psum));
  }
};

/// Throws SpecError with what is wrong.
[[nodiscard]] std::unique_ptr<BlockDotUnit> make_block_dot_unit(const BlockDotSpec& spec);

}  // namespace lnsim::numerics
