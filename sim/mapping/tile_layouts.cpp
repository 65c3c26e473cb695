// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/tile_layouts.hpp"

#include "sim/mapping/tile_box.hpp"

namespace lnsim {

// What the layout of a tile depends on along one side: how long the spans of its boxes are, where those begin that move
// along pixels, of which padding may cut off some, and how far its boxes lie apart.
TileLayouts::Range TileLayouts::range_of(Side& side, const std::vector<Digit>& digits, std::uint64_t begin,
                                         std::uint64_t end) {
  const auto [slot, is_new] = side.ranges.try_emplace({begin, end});
  Range& range = slot->second;
  if (!is_new) return range;
  std::vector<std::int64_t> kind;
  bool first = true;
  for (const Box& box : boxes_of(digits, begin, end)) {
    std::int64_t shift = 0;
    for (const Span& span : box) {
      kind.push_back(span.values.end - span.values.begin);
      if (span.digit->dh != 0 || span.digit->dw != 0) kind.push_back(span.values.begin);
      shift += span.digit->offset * span.values.begin;
    }
    if (first) range.shift = shift;
    first = false;
    kind.push_back(shift - range.shift);
  }
  range.kind = side.kinds.try_emplace(std::move(kind), side.kinds.size()).first->second;
  return range;
}

TileLayouts::Place TileLayouts::of(std::uint64_t row_begin, std::uint64_t row_end, std::uint64_t k_begin,
                                   std::uint64_t k_end) {
  const Range rows = range_of(rows_, view_.rows, row_begin, row_end);
  const Range ks = range_of(ks_, view_.ks, k_begin, k_end);
  const auto [slot, is_new] = by_kinds_.try_emplace({rows.kind, ks.kind});
  Place place = slot->second;
  if (is_new) {
    TileLayout layout = tile_layout(view_, row_begin, row_end, k_begin, k_end);
    place.layout = layouts_.try_emplace(std::move(layout.shape), layouts_.size()).first->second;
    place.first = layout.first - rows.shift - ks.shift;
    slot->second = place;
  }
  place.first += rows.shift + ks.shift;
  return place;
}

}  // namespace lnsim
