// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/footprint.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "sim/mapping/tile_box.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

using boost::container::small_vector;

/// A direction in which elements lie `unit` apart, with the values that each lattice has in it, from 0 upwards.
struct Axis {
  std::uint64_t unit = 0;
  small_vector<Intervals, 4> values;
};

/// Elements of the boxes of a tile: first + sum over axes of unit * value, for each lattice (a box of rows and a box of
/// k) over its own values. Long steps first.
struct Lattices {
  std::int64_t first = 0;
  std::size_t count = 0;
  small_vector<Axis, 6> axes;
};

/// Which lattices, by bits. A tile has no more boxes than 64: at most two per digit and one, of rows and of k.
using Subset = std::uint64_t;

/// The elements of the lattices of a subset, over this axis and those after it. Where other lattices have values begins
/// a new stretch of the axis; each stretch is united on its own and then copied, so lines that are equal are united
/// once.
void unite(const Lattices& lattices, std::size_t axis_at, Subset subset, StridedRuns& runs) {
  if (axis_at == lattices.axes.size()) {
    runs.push_back({0, 1, 0, 1});
    return;
  }
  // A lattice comes or goes.
  struct Border {
    std::int64_t value;
    Subset lattice;
  };
  const Axis& axis = lattices.axes[axis_at];
  small_vector<Border, 16> borders;
  for (std::size_t i = 0; i < lattices.count; ++i) {
    const Subset lattice = Subset{1} << i;
    if ((subset & lattice) == 0) continue;
    for (const Interval& interval : axis.values[i]) {
      borders.push_back({interval.begin, lattice});
      borders.push_back({interval.end, lattice});
    }
  }
  std::sort(borders.begin(), borders.end(), [](const Border& x, const Border& y) { return x.value < y.value; });
  struct United {
    Subset subset;
    StridedRuns runs;
  };
  small_vector<United, 2> united;
  Subset there = 0;
  for (std::size_t i = 0; i < borders.size();) {
    const std::int64_t begin = borders[i].value;
    for (; i < borders.size() && borders[i].value == begin; ++i) there ^= borders[i].lattice;
    if (there == 0) continue;
    auto inner = std::find_if(united.begin(), united.end(), [&](const United& one) { return one.subset == there; });
    if (inner == united.end()) {
      united.push_back({there, {}});
      inner = united.end() - 1;
      unite(lattices, axis_at + 1, there, inner->runs);
    }
    append_copies(runs, inner->runs, axis.unit, axis.unit * static_cast<std::uint64_t>(begin),
                  static_cast<std::uint64_t>(borders[i].value - begin));
  }
  settle(runs);
}

/// Adds an axis unless all lattices stand still in it. Values of a descending one are mirrored, and all start from 0.
void add_axis(Lattices& lattices, std::int64_t unit, small_vector<Intervals, 4> values) {
  if (unit < 0) {
    for (Intervals& intervals : values) {
      std::reverse(intervals.begin(), intervals.end());
      for (Interval& interval : intervals) interval = {1 - interval.end, 1 - interval.begin};
    }
    unit = -unit;
  }
  std::int64_t lowest = values[0].front().begin, end = values[0].back().end;
  for (const Intervals& intervals : values) {
    lowest = std::min(lowest, intervals.front().begin);
    end = std::max(end, intervals.back().end);
  }
  lattices.first += unit * lowest;
  if (end - lowest == 1) return;
  for (Intervals& intervals : values) {
    for (Interval& interval : intervals) interval = {interval.begin - lowest, interval.end - lowest};
  }
  lattices.axes.push_back({static_cast<std::uint64_t>(unit), std::move(values)});
}

/// The pixels of every lattice in one direction, as an axis: in steps if all have them, else one by one.
void add_pixels(Lattices& lattices, std::int64_t unit, small_vector<Pixels, 4>& pixels) {
  const Pixels model =
      *std::max_element(pixels.begin(), pixels.end(), [](const Pixels& x, const Pixels& y) { return x.step < y.step; });
  for (Pixels& one : pixels) {
    // A single pixel has any step.
    if (one.step == model.step || one.first() != one.last()) continue;
    one = {model.step, one.first(), {{0, 1}}};
  }
  const bool even = std::all_of(pixels.begin(), pixels.end(), [&](const Pixels& one) {
    return one.step == model.step && (one.start - model.start) % model.step == 0;
  });
  small_vector<Intervals, 4> values;
  for (const Pixels& one : pixels) {
    Intervals intervals;
    for (const Interval& interval : one.values) {
      if (even) {
        const std::int64_t shift = (one.start - model.start) / model.step;
        intervals.push_back({interval.begin + shift, interval.end + shift});
      } else if (one.step == 1) {
        intervals.push_back({interval.begin + one.start, interval.end + one.start});
      } else {
        for (std::int64_t value = interval.begin; value < interval.end; ++value) {
          const std::int64_t pixel = one.start + one.step * value;
          intervals.push_back({pixel, pixel + 1});
        }
      }
    }
    values.push_back(std::move(intervals));
  }
  if (even) lattices.first += unit * model.start;
  add_axis(lattices, even ? unit * model.step : unit, std::move(values));
}

/// Pairs of boxes that do not meet padding alone.
struct Pair {
  const Box* rows;
  const Box* ks;
};

/// Nothing (a count of 0) if the tile meets only padding.
Lattices lattices_of(const OperandView& view, const Boxes& row_boxes, const Boxes& k_boxes) {
  Lattices lattices;
  lattices.first = view.base;
  small_vector<Pair, 4> pairs;
  small_vector<Pixels, 4> hs, ws;
  for (const Box& rows : row_boxes) {
    for (const Box& ks : k_boxes) {
      if (view.spatial) {
        Pixels h = pixel_values(rows, ks, &Digit::dh, view.h0, view.height);
        if (h.values.empty()) continue;
        Pixels w = pixel_values(rows, ks, &Digit::dw, view.w0, view.width);
        if (w.values.empty()) continue;
        hs.push_back(std::move(h));
        ws.push_back(std::move(w));
      }
      pairs.push_back({&rows, &ks});
    }
  }
  lattices.count = pairs.size();
  if (pairs.empty()) return lattices;
  LNSIM_CHECK(pairs.size() <= 64, "a tile of more boxes than a subset holds");
  const auto add_digits = [&](const std::vector<Digit>& digits, const Box* Pair::*box) {
    for (std::size_t digit = 0; digit < digits.size(); ++digit) {
      if (digits[digit].offset == 0) continue;
      small_vector<Intervals, 4> values;
      for (const Pair& pair : pairs) values.push_back({(*(pair.*box))[digit].values});
      add_axis(lattices, digits[digit].offset, std::move(values));
    }
  };
  add_digits(view.rows, &Pair::rows);
  add_digits(view.ks, &Pair::ks);
  if (view.spatial) {
    add_pixels(lattices, view.h_stride, hs);
    add_pixels(lattices, view.w_stride, ws);
  }
  std::stable_sort(lattices.axes.begin(), lattices.axes.end(),
                   [](const Axis& x, const Axis& y) { return x.unit > y.unit; });
  return lattices;
}

/// The axes of a lattice are independent only if no digit moves along two of them.
bool is_separable(const OperandView& view, const std::vector<Digit>& digits) {
  return !view.spatial || std::all_of(digits.begin(), digits.end(), [](const Digit& digit) {
    return (digit.offset != 0) + (digit.dh != 0) + (digit.dw != 0) <= 1;
  });
}

/// The lowest and the highest sum of the steps of a box's spans.
struct Reach {
  std::int64_t low = 0, high = 0;
  void add(std::int64_t by, const Interval& values) {
    low += by * (by < 0 ? values.end - 1 : values.begin);
    high += by * (by < 0 ? values.begin : values.end - 1);
  }
};

/// A box with what it reaches along elements and pixels.
struct ReachingBox {
  const Box* box;
  Reach element, h, w;

  explicit ReachingBox(const Box& of) : box(&of) {
    for (const Span& span : of) {
      element.add(span.digit->offset, span.values);
      h.add(span.digit->dh, span.values);
      w.add(span.digit->dw, span.values);
    }
  }
};
using ReachingBoxes = small_vector<ReachingBox, 5>;

ReachingBoxes reaching(const Boxes& boxes) {
  ReachingBoxes all;
  for (const Box& box : boxes) all.emplace_back(box);
  return all;
}

/// The first or the last pixel of two boxes in one direction; nothing if all are padding.
std::optional<std::int64_t> extreme_pixel(const ReachingBox& rows, const ReachingBox& ks, Reach ReachingBox::*reach,
                                          std::int64_t Digit::*step, std::int64_t start, std::int64_t limit,
                                          bool lowest) {
  // Mostly it is none that padding cuts off.
  const std::int64_t pixel =
      start + (lowest ? (rows.*reach).low + (ks.*reach).low : (rows.*reach).high + (ks.*reach).high);
  if (pixel >= 0 && pixel < limit) return pixel;
  const Pixels pixels = pixel_values(*rows.box, *ks.box, step, start, limit);
  if (pixels.values.empty()) return std::nullopt;
  return lowest ? pixels.first() : pixels.last();
}

/// The first or the last element of two boxes; nothing if they meet only padding.
std::optional<std::int64_t> extreme_element(const OperandView& view, const ReachingBox& rows, const ReachingBox& ks,
                                            bool lowest) {
  const std::int64_t element =
      view.base + (lowest ? rows.element.low + ks.element.low : rows.element.high + ks.element.high);
  if (!view.spatial) return element;
  const auto h =
      extreme_pixel(rows, ks, &ReachingBox::h, &Digit::dh, view.h0, view.height, (view.h_stride < 0) != lowest);
  const auto w =
      extreme_pixel(rows, ks, &ReachingBox::w, &Digit::dw, view.w0, view.width, (view.w_stride < 0) != lowest);
  if (!h || !w) return std::nullopt;
  return element + view.h_stride * *h + view.w_stride * *w;
}

}  // namespace

StridedRuns touched(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end, std::uint64_t k_begin,
                    std::uint64_t k_end) {
  LNSIM_CHECK(row_end <= view.row_count() && k_end <= view.k_count(), "tile range beyond its operand view");
  LNSIM_CHECK(is_separable(view, view.rows) && is_separable(view, view.ks), "a digit moves along several axes");
  const Boxes row_boxes = boxes_of(view.rows, row_begin, row_end);
  const Boxes k_boxes = boxes_of(view.ks, k_begin, k_end);
  const Lattices lattices = lattices_of(view, row_boxes, k_boxes);
  StridedRuns runs;
  if (lattices.count == 0) return runs;
  const Subset all = lattices.count == 64 ? ~Subset{0} : (Subset{1} << lattices.count) - 1;
  unite(lattices, 0, all, runs);
  for (StridedRun& run : runs) run.first += static_cast<std::uint64_t>(lattices.first);
  return runs;
}

std::vector<Run> touched_runs(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                              std::uint64_t k_begin, std::uint64_t k_end) {
  std::vector<Run> runs = expand(touched(view, row_begin, row_end, k_begin, k_end));
  merge_runs(runs);
  return runs;
}

std::vector<std::optional<std::uint64_t>> last_touched(const OperandView& view, std::uint64_t row_begin,
                                                       std::uint64_t row_end, std::uint64_t part, std::uint64_t k_begin,
                                                       std::uint64_t k_end) {
  const Boxes k_boxes = boxes_of(view.ks, k_begin, k_end);
  const ReachingBoxes reaching_ks = reaching(k_boxes);
  std::vector<std::optional<std::uint64_t>> all;
  for (std::uint64_t begin = row_begin; begin < row_end; begin += part) {
    std::optional<std::int64_t> last;
    for (const Box& box : boxes_of(view.rows, begin, std::min(begin + part, row_end))) {
      const ReachingBox rows(box);
      for (const ReachingBox& ks : reaching_ks) {
        const std::optional<std::int64_t> of_boxes = extreme_element(view, rows, ks, false);
        if (of_boxes && (!last || *of_boxes > *last)) last = of_boxes;
      }
    }
    all.push_back(last ? std::optional(static_cast<std::uint64_t>(*last)) : std::nullopt);
  }
  return all;
}

TileLayout tile_layout(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end, std::uint64_t k_begin,
                       std::uint64_t k_end) {
  const Boxes row_boxes = boxes_of(view.rows, row_begin, row_end);
  const Boxes k_boxes = boxes_of(view.ks, k_begin, k_end);
  TileLayout layout;
  layout.shape.reserve(64);
  const auto append_lengths = [&](const Boxes& boxes) {
    for (const Box& box : boxes) {
      for (const Span& span : box) layout.shape.push_back(span.values.end - span.values.begin);
    }
    layout.shape.push_back(-1);
  };
  append_lengths(row_boxes);
  append_lengths(k_boxes);
  // Boxes of equal lengths touch equal elements up to a shift, but for what padding cuts off.
  constexpr std::int64_t kNowhere = INT64_MIN;
  small_vector<std::int64_t, 9> firsts;
  const ReachingBoxes reaching_ks = reaching(k_boxes);
  for (const Box& box : row_boxes) {
    const ReachingBox rows(box);
    for (const ReachingBox& ks : reaching_ks) {
      const std::optional<std::int64_t> first = extreme_element(view, rows, ks, true);
      firsts.push_back(first.value_or(kNowhere));
      if (!first || !view.spatial) continue;
      const Interval hs{view.h0 + rows.h.low + ks.h.low, view.h0 + rows.h.high + ks.h.high + 1};
      const Interval ws{view.w0 + rows.w.low + ks.w.low, view.w0 + rows.w.high + ks.w.high + 1};
      for (const std::int64_t cut : {-hs.begin, hs.end - view.height, -ws.begin, ws.end - view.width}) {
        layout.shape.push_back(std::max<std::int64_t>(cut, 0));
      }
    }
  }
  bool any = false;
  for (const std::int64_t first : firsts) {
    if (first == kNowhere) continue;
    layout.first = any ? std::min(layout.first, first) : first;
    any = true;
  }
  for (const std::int64_t first : firsts) layout.shape.push_back(first == kNowhere ? -1 : first - layout.first);
  return layout;
}

}  // namespace lnsim
