// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// Neighbouring elements of a tensor.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t length = 0;

  friend bool operator==(const Run&, const Run&) = default;
};

/// `count` runs of equal length, their first elements `stride` apart. stride > length, or count = 1 and stride = 0.
struct StridedRun {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  std::uint64_t stride = 0;
  std::uint64_t count = 1;

  /// The element after the last.
  [[nodiscard]] std::uint64_t end() const { return first + (count - 1) * stride + length; }
  friend bool operator==(const StridedRun&, const StridedRun&) = default;
};
using StridedRuns = boost::container::small_vector<StridedRun, 4>;

/// The distinct elements of a tensor that the tile rows [row_begin, row_end) x k [k_begin, k_end) of a view touches,
/// each once and padding left out: sorted, and each ends before the next begins. An empty tile or one that meets
/// only padding gives none. Offsets of a GEMM's batch digits shift all alike and are the caller's to add.
/// The work grows with the number of lines of the tile that are not evenly spaced, not with rows x k. Throws
/// SimulationError if a range exceeds the view, or if a digit of a spatial view moves along more than one of element,
/// h and w.
[[nodiscard]] StridedRuns touched(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                  std::uint64_t k_begin, std::uint64_t k_end);

/// The same elements as runs that are sorted, disjoint and not adjacent.
[[nodiscard]] std::vector<Run> touched_runs(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                            std::uint64_t k_begin, std::uint64_t k_end);

/// The last element that the tile touches; nothing if it meets only padding. The work grows with the digits only.
[[nodiscard]] std::optional<std::uint64_t> last_touched(const OperandView& view, std::uint64_t row_begin,
                                                        std::uint64_t row_end, std::uint64_t k_begin,
                                                        std::uint64_t k_end);

/// Where the elements of a tile lie, up to a shift of all of them. Tiles of one view with equal `shape` touch the same
/// elements relative to `first`, their lowest one, and so does every sub-range of their rows.
struct TileLayout {
  std::vector<std::int64_t> shape;
  std::int64_t first = 0;  ///< 0 if the tile meets only padding
};
/// Cheaper than the runs: the work grows with the digits of the view only.
[[nodiscard]] TileLayout tile_layout(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                     std::uint64_t k_begin, std::uint64_t k_end);

/// Sum of the lengths.
[[nodiscard]] std::uint64_t element_count(const std::vector<Run>& runs);
[[nodiscard]] std::uint64_t element_count(const StridedRuns& runs);

}  // namespace lnsim
