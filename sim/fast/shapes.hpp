// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/fast/cycle.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim::fast {

/// How long after the first word of a unit was written (seen) its reads can be, when one read takes `port` vectors.
struct FeedTimes {
  Cycle first = kUnknown;  ///< the first read
  Cycle last =
      kUnknown;  ///< the last read, if nothing else holds them up: max over reads j of (vectors there + reads after j)
};

/// What a unit of so many vectors costs, per operand and word rate; computed once per number of vectors.
class FeedTable {
 public:
  /// port: vectors per read. vector_bytes, link_bytes: docs/machine.md, section 2.
  FeedTable(std::uint64_t most_vectors, std::uint64_t port, std::uint64_t vector_bytes, std::uint64_t link_bytes,
            Cycle transposed_rate);
  [[nodiscard]] const FeedTimes& times(std::uint64_t vectors, bool transposed) {
    FeedTimes& entry = entries_[2 * vectors + (transposed ? 1 : 0)];
    if (entry.last == kUnknown) fill(entry, vectors, transposed ? transposed_rate_ : 1);
    return entry;
  }
  /// Reads of a unit.
  [[nodiscard]] std::uint64_t reads(std::uint64_t vectors) const { return ceil_div(vectors, port_); }

 private:
  void fill(FeedTimes& entry, std::uint64_t vectors, Cycle rate) const;

  std::uint64_t port_;
  std::uint64_t vectors_per_word_, words_per_vector_;
  Cycle transposed_rate_;
  std::vector<FeedTimes> entries_;
};

/// How many of `parts` slices of `slice` rows reach beyond row `position` of theirs: slices are full but for the last.
[[nodiscard]] constexpr std::uint64_t slices_beyond(std::uint64_t rows, std::uint64_t slice, std::uint64_t position) {
  return position >= rows || position >= slice ? 0 : ceil_div(rows - position, slice);
}

/// Constants of a pass that several blocks use.
struct Shapes {
  explicit Shapes(const GemmSchedule& schedule);
  /// Operand A (B) of this step passes the transposer.
  [[nodiscard]] bool transposed_a(const Step& step) const { return transposed_[2 * step.gemm] != 0; }
  [[nodiscard]] bool transposed_b(const Step& step) const { return transposed_[2 * step.gemm + 1] != 0; }

  const GemmSchedule& schedule;
  Cycle transposed_rate;  ///< cycles per word of a transposed unit (X1)
  FeedTable feed_a, feed_b;

 private:
  std::vector<char> transposed_;
};

}  // namespace lnsim::fast
