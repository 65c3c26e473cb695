// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/mapping/strided_runs.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

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

/// The last element that each `part` rows of the tile touch; nothing if they meet only padding. The work grows with the
/// digits and the parts only.
[[nodiscard]] std::vector<std::optional<std::uint64_t>> last_touched(const OperandView& view, std::uint64_t row_begin,
                                                                     std::uint64_t row_end, std::uint64_t part,
                                                                     std::uint64_t k_begin, std::uint64_t k_end);

/// Where the elements of a tile lie, up to a shift of all of them. Tiles of one view with equal `shape` touch the same
/// elements relative to `first`, their lowest one, and so does every sub-range of their rows.
struct TileLayout {
  std::vector<std::int64_t> shape;
  std::int64_t first = 0;  ///< 0 if the tile meets only padding
};
/// Cheaper than the runs: the work grows with the digits of the view only.
[[nodiscard]] TileLayout tile_layout(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                     std::uint64_t k_begin, std::uint64_t k_end);

}  // namespace lnsim
