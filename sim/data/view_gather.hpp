// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/data/merged_digits.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// Copies codes of one operand, a row of a GEMM at a time, out of the tensor they lie in: implicit lowering on real
/// data, the same as OperandView::element() for each k, without its divisions.
///
/// k is cut into runs of equal length, within which the element moves by a constant step (and the pixel by a constant
/// step every so many k), so that what lies inside the tensor is one interval of the run, copied at once. Runs are a
/// table; the position of a row follows from that of the row before. Padding becomes code 0.
///
/// Remembers the last row and k, so an object belongs to one thread; copies are cheap next to the tensors.
class ViewGather {
 public:
  /// container_bytes: 1, 2 or 4, as the format of the codes says, or 8 for numbers in binary64.
  ViewGather(const OperandView& view, unsigned container_bytes);

  /// Codes of k in [k_begin, k_begin + count) of a row, count containers, to `out`. `codes` is element 0 of the tensor;
  /// batch_offset is added to every element index. The caller keeps row and k within the view.
  void gather(const std::byte* codes, std::uint64_t row, std::uint64_t k_begin, std::uint64_t count,
              std::int64_t batch_offset, std::byte* out) {
    if (row != row_) seek_row(row);
    if (k_begin != k_) seek_k(k_begin);
    copy_(*this, codes, batch_offset, count, out);
  }

  /// The same for rows [row, row + rows), each `out_stride` bytes behind the one before; bytes between them are left as
  /// they are. Where rows lie next to each other in memory and their k far apart (transposed operands), codes are read
  /// a stretch of rows at a time and transposed.
  void gather_rows(const std::byte* codes, std::uint64_t row, std::uint64_t rows, std::uint64_t k_begin,
                   std::uint64_t count, std::int64_t batch_offset, std::byte* out, std::size_t out_stride);

  /// True if gather_rows() transposes, so that a block of rows costs less than its rows one by one.
  [[nodiscard]] bool transposes() const { return transposes_; }

 private:
  /// The first k of a run relative to k = 0 of the row.
  struct Run {
    std::int64_t element = 0;
    std::int32_t h = 0;
    std::int32_t w = 0;
  };
  /// What all runs share.
  struct RunShape {
    std::uint64_t length = 1;
    std::int64_t step = 1;     ///< elements per k
    std::uint64_t period = 1;  ///< k per pixel step
    std::int32_t dh = 0;
    std::int32_t dw = 0;
  };
  /// Part of a run that is copied: [position, position + count) of it.
  struct Piece {
    std::int64_t element;  ///< of the run's first k; not in the tensor if that k is padding
    std::uint64_t position;
    std::uint64_t count;
  };

  void make_runs(std::vector<MergedDigit> digits);
  void seek_row(std::uint64_t row);
  void next_row();
  void seek_k(std::uint64_t k);
  [[nodiscard]] bool inside(const Run& run, std::uint64_t position, std::uint64_t count) const;
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> clip(const Run& run, const Piece& piece) const;
  void locate(const std::byte* codes, std::uint64_t k, std::uint64_t count, std::int64_t batch_offset,
              const std::byte** places);
  void gather_pieces(const std::byte* codes, std::uint64_t row, std::uint64_t rows, std::uint64_t count,
                     std::int64_t batch_offset, std::byte* out, std::size_t out_stride);
  template <unsigned kBytes>
  static void copy(const ViewGather& self, const std::byte* codes, std::int64_t batch_offset, std::uint64_t count,
                   std::byte* out);
  template <unsigned kBytes>
  void copy_clipped(const Run& run, const Piece& piece, const std::byte* codes, std::byte* out) const;

  using Copy = void (*)(const ViewGather&, const std::byte*, std::int64_t, std::uint64_t, std::byte*);

  Copy copy_;
  unsigned bytes_;
  bool transposes_ = false;
  bool padded_;  ///< some k of some row is padding
  std::int32_t height_ = 0;
  std::int32_t width_ = 0;
  ViewPosition origin_;  ///< of row 0
  std::vector<MergedDigit> row_digits_;
  RunShape shape_;
  std::uint64_t pixels_ = 1;  ///< of a run: length / period
  std::vector<Run> runs_;

  std::uint64_t row_ = 0;
  ViewPosition row_position_;
  std::vector<std::uint64_t> row_counts_;  ///< values of the digits at row_
  std::uint64_t k_ = 0;
  std::size_t k_run_ = 0;
  std::uint64_t k_position_ = 0;  ///< of k_ in its run
};

}  // namespace lnsim
