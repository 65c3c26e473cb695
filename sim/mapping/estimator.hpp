// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/mapping/mapping.hpp"

namespace lnsim {

/// Sizes 1 unit, 2 units, 4 units, ... below `all`, then `all`; or only the pinned size.
[[nodiscard]] std::vector<std::uint64_t> size_ladder(std::uint64_t unit, std::uint64_t all,
                                                     std::optional<std::uint64_t> pin);

/// One size of the tiles along the rows of an operand.
struct RowSize {
  std::uint64_t rows = 0;
  std::uint64_t tiles = 0;  ///< of the GEMM
  std::uint64_t slice = 0;  ///< rows of the busiest PE
  std::uint64_t whole = 0;  ///< of them: whole lane groups (A) or row chunks (B),
  std::uint64_t left = 0;   ///< and rows that are left over
  std::uint64_t parts = 1;  ///< of a tile that can be read by themselves (docs/machine.md, G2)
};

/// Sizes of one operand's tiles.
struct TileSizes {
  std::vector<RowSize> rows;
  std::vector<std::uint64_t> bytes;  ///< per k size and row size; 0: not asked for yet
  std::uint64_t unit = 0;            ///< lanes or rows of a chunk
  std::uint64_t pes = 0;             ///< rows or columns of the array
  std::uint64_t vector_bytes = 0;
};

/// One GEMM under one assignment of operand A, with closed-form estimates per candidate. Tiles are named by the
/// positions of their sizes.
class Estimator {
 public:
  /// exact: footprints of tiles are counted, not estimated.
  Estimator(const Gemm& gemm, Side side, const PassConfig& config, const MappingPin& pin, bool exact);

  [[nodiscard]] const std::vector<std::uint64_t>& all_k() const { return k_sizes_; }
  [[nodiscard]] const std::vector<RowSize>& all_a() const { return a_.rows; }
  [[nodiscard]] const std::vector<RowSize>& all_b() const { return b_.rows; }

  /// Bytes of a tile in the global buffer.
  std::uint64_t a_bytes(std::size_t a, std::size_t k) {
    return bytes(operand_a_view(gemm_, side_), size_.a_rows, a_, a, k, config_.a_size());
  }
  std::uint64_t b_bytes(std::size_t b, std::size_t k) {
    return bytes(operand_b_view(gemm_, side_), size_.b_rows, b_, b, k, config_.b_size());
  }

  /// Bytes of an output tile while it is in the global buffer.
  [[nodiscard]] std::uint64_t out_bytes(std::size_t a, std::size_t b, std::size_t k) const {
    return config_.resident_out_size(k_sizes_[k] < size_.k).bytes(a_.rows[a].rows * b_.rows[b].rows);
  }

  /// Words of an operand's stream in one step of full tiles; of B per A block.
  [[nodiscard]] double a_words(std::size_t a, std::size_t k) const { return stream_words(a_, a, k); }
  [[nodiscard]] double b_words(std::size_t b, std::size_t k) const { return stream_words(b_, b, k); }

  /// Compute cycles of one row chunk of so many rows over all lane groups of the busiest PE.
  [[nodiscard]] double chunk_cycles(std::uint64_t rows, std::size_t a, std::size_t k) const {
    const RowSize& size = a_.rows[a];
    return static_cast<double>(size.whole) * tile_cycles(rows, a_.unit, k) +
           (size.left != 0 ? tile_cycles(rows, size.left, k) : 0.0);
  }
  /// Compute cycles of the busiest PE in one step; whole_chunk: chunk_cycles() of a whole one.
  [[nodiscard]] double compute(std::size_t a, std::size_t b, std::size_t k, double whole_chunk) const {
    const RowSize& size = b_.rows[b];
    return static_cast<double>(size.whole) * whole_chunk + (size.left != 0 ? chunk_cycles(size.left, a, k) : 0.0);
  }

  /// cycles() is not less, if a step takes at least `step_cycles`.
  [[nodiscard]] double least_cycles(std::size_t a, std::size_t b, std::size_t k, double step_cycles) const {
    return static_cast<double>(a_.rows[a].tiles * b_.rows[b].tiles * k_tiles_[k]) * (step_cycles + kStepOverhead);
  }

  /// Estimated cycles of the whole GEMM, of tiles whose bytes were asked for before; double_buffered: those of the next
  /// step load while this one computes.
  [[nodiscard]] double cycles(std::size_t a, std::size_t b, std::size_t k, std::uint64_t tile_out_bytes,
                              double step_cycles, bool a_outer, bool double_buffered) const;

 private:
  static constexpr double kStepOverhead = 20;  // cycles, for what overlaps with nothing

  [[nodiscard]] TileSizes row_sizes(std::uint64_t unit, std::uint64_t pes, const std::vector<Digit>& digits,
                                    std::uint64_t all, std::optional<std::uint64_t> pinned) const;
  std::uint64_t bytes(const OperandView& view, std::uint64_t all_rows, TileSizes& sizes, std::size_t row_size,
                      std::size_t k_size, ElementSize element) const;
  [[nodiscard]] double words(std::uint64_t vectors, std::uint64_t vector_bytes) const {
    const std::uint64_t per_word = word_bytes_ / vector_bytes;
    return static_cast<double>(per_word >= 1 ? ceil_div(vectors, per_word)
                                             : vectors * ceil_div(vector_bytes, word_bytes_));
  }
  [[nodiscard]] std::uint64_t groups(std::size_t k) const {
    return ceil_div(k_sizes_[k], config_.accelerator.pe.vector_size);
  }
  [[nodiscard]] double stream_words(const TileSizes& sizes, std::size_t row_size, std::size_t k) const {
    const RowSize& size = sizes.rows[row_size];
    return static_cast<double>(groups(k)) * static_cast<double>(sizes.pes) *
           (static_cast<double>(size.whole) * words(sizes.unit, sizes.vector_bytes) +
            words(size.left, sizes.vector_bytes));
  }
  [[nodiscard]] double tile_cycles(std::uint64_t rows, std::uint64_t lanes, std::size_t k) const;

  const Gemm& gemm_;
  Side side_;
  const PassConfig& config_;
  bool exact_;
  MachineTile size_;
  std::vector<std::uint64_t> k_sizes_, k_tiles_;  ///< k of a tile, tiles of the GEMM
  TileSizes a_, b_;
  std::uint64_t word_bytes_ = 0;
  double rate_ = 0;  ///< DRAM bytes per cycle
  double out_ = 0;   ///< bytes of all outputs
};

}  // namespace lnsim
