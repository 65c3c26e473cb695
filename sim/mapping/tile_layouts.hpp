// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/mapping/footprint.hpp"

namespace lnsim {

/// The layouts of many tiles of a view (footprint.hpp), each worked out once for all tiles that differ by a shift along
/// elements alone.
class TileLayouts {
 public:
  explicit TileLayouts(OperandView view) : view_(std::move(view)) {}

  /// Tiles of equal `layout` touch the same elements relative to `first`, their lowest one, and so does every sub-range
  /// of their rows.
  struct Place {
    std::size_t layout = 0;
    std::int64_t first = 0;  ///< of no meaning if the tile meets only padding
  };
  [[nodiscard]] Place of(std::uint64_t row_begin, std::uint64_t row_end, std::uint64_t k_begin, std::uint64_t k_end);

 private:
  /// A range of one side of the view. Ranges of equal `kind` differ by their `shift` alone.
  struct Range {
    std::size_t kind = 0;
    std::int64_t shift = 0;
  };
  /// Ranges of rows or of k that were asked for.
  struct Side {
    std::map<std::pair<std::uint64_t, std::uint64_t>, Range> ranges;
    std::map<std::vector<std::int64_t>, std::size_t> kinds;
  };
  static Range range_of(Side& side, const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end);

  OperandView view_;
  Side rows_, ks_;
  std::map<std::pair<std::size_t, std::size_t>, Place> by_kinds_;  ///< first: without the shifts of its ranges
  std::map<std::vector<std::int64_t>, std::size_t> layouts_;
};

}  // namespace lnsim
