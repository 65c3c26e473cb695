// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sim/arch/accelerator.hpp"
#include "sim/arch/element_size.hpp"

namespace lnsim {

/// Everything of accelerator, scheme and technology that decides the timing of one pass: the machine, the widths of the
/// words it moves, and its clock. Two passes with equal configuration and equal work take equal cycles.
struct PassConfig {
  Accelerator accelerator;
  unsigned a_bits = 8;    ///< element of machine operand A
  unsigned b_bits = 8;    ///< element of machine operand B
  unsigned out_bits = 8;  ///< requantised output element
  /// Shares of block scales, in units of ElementSize. They lie with the elements in DRAM and in the global buffer; from
  /// there on they travel beside them, on wires of their own (docs/block_formats.md, section 5).
  unsigned a_scale_units = 0;
  unsigned b_scale_units = 0;
  unsigned out_scale_units = 0;
  unsigned psum_bits = 24;  ///< raw accumulator state of one output
  bool float_accumulator = false;
  std::uint64_t chunk = 0;  ///< elements per accumulation chunk (0: none): K tiles are multiples of it
  std::uint64_t clock_hz = 400000000;

  [[nodiscard]] std::uint64_t accumulate_cycles() const {
    return float_accumulator ? accelerator.pe.accumulate_cycles_float : accelerator.pe.accumulate_cycles_fixed;
  }
  /// The same machine with operands A and B exchanged.
  [[nodiscard]] PassConfig swapped() const {
    PassConfig other = *this;
    std::swap(other.a_bits, other.b_bits);
    std::swap(other.a_scale_units, other.b_scale_units);
    return other;
  }
  [[nodiscard]] ElementSize a_size() const { return {a_bits, a_scale_units}; }
  [[nodiscard]] ElementSize b_size() const { return {b_bits, b_scale_units}; }
  [[nodiscard]] ElementSize out_size() const { return {out_bits, out_scale_units}; }
  /// An output element while it is in the global buffer, where sums that are not final have all their bits.
  [[nodiscard]] ElementSize resident_out_size(bool partial) const {
    return partial ? std::max(ElementSize(psum_bits), out_size()) : out_size();
  }
  /// Bytes of one V-element vector of A or B, rounded up to whole bytes.
  [[nodiscard]] std::uint64_t vector_bytes(unsigned element_bits) const {
    return (accelerator.pe.vector_size * element_bits + 7) / 8;
  }
  /// Whole vectors that buffer A / B holds.
  [[nodiscard]] std::uint64_t buffer_a_vectors() const { return accelerator.pe.buffer_a_bytes / vector_bytes(a_bits); }
  [[nodiscard]] std::uint64_t buffer_b_vectors() const { return accelerator.pe.buffer_b_bytes / vector_bytes(b_bits); }
};

}  // namespace lnsim
