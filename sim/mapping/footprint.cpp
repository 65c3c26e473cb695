// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/footprint.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "sim/support/error.hpp"

namespace lnsim {
namespace {

/// Integers [begin, end).
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

/// A digit restricted to an interval of its values.
struct Span {
  Digit digit;
  Interval values;
};

/// A part of a mixed-radix range in which every digit runs over its own interval.
using Box = std::vector<Span>;

/// Splits [begin, end) of a mixed-radix index into boxes, at most two per digit: a head and a tail in which the slow
/// digits are fixed, and between them whole turns of the fast digits.
void append_boxes(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end, std::size_t position,
                  Box& fixed, std::vector<Box>& boxes) {
  if (begin >= end) return;
  if (position == digits.size()) {
    boxes.push_back(fixed);
    return;
  }
  std::uint64_t turn = 1;  // values of the faster digits
  for (std::size_t i = position + 1; i < digits.size(); ++i) turn *= digits[i].extent;
  const auto descend = [&](std::uint64_t first, std::uint64_t last, std::uint64_t from, std::uint64_t to) {
    if (first >= last || from >= to) return;
    fixed.push_back({digits[position], {static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)}});
    append_boxes(digits, from, to, position + 1, fixed, boxes);
    fixed.pop_back();
  };
  const std::uint64_t first = begin / turn;
  const std::uint64_t last = (end - 1) / turn;
  const std::uint64_t head = begin % turn;
  const std::uint64_t tail = (end - 1) % turn + 1;
  if (first == last) return descend(first, first + 1, head, tail);
  const std::uint64_t whole_first = head == 0 ? first : first + 1;
  const std::uint64_t whole_last = tail == turn ? last + 1 : last;
  if (head != 0) descend(first, first + 1, head, turn);
  descend(whole_first, whole_last, 0, turn);
  if (tail != turn) descend(last, last + 1, 0, tail);
}

std::vector<Box> boxes_of(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end) {
  std::vector<Box> boxes;
  Box fixed;
  append_boxes(digits, begin, end, 0, fixed, boxes);
  return boxes;
}

/// Elements = first + sum over axes of unit * value, value in the axis' sorted, disjoint intervals, from 0 upwards.
struct Axis {
  std::uint64_t unit = 0;
  std::vector<Interval> values;

  friend bool operator==(const Axis&, const Axis&) = default;
};

/// Further steps of a digit after its first value: `more` steps of `by`.
struct Move {
  std::int64_t by = 0;
  std::int64_t more = 0;
};

/// The sums first + steps of each move, as sorted intervals within `bounds`, a part of `reach`. The map has a byte per
/// position between the lowest sum and the highest, so it is no larger than the tile's window.
std::vector<Interval> sums_of(const std::vector<Move>& moves, std::int64_t first, Interval reach, Interval bounds) {
  std::vector<char> marked(static_cast<std::size_t>(reach.end - reach.begin), 0);
  std::vector<std::int64_t> sums = {first};
  marked[static_cast<std::size_t>(first - reach.begin)] = 1;
  for (const Move& move : moves) {
    const std::size_t before = sums.size();
    for (std::size_t i = 0; i < before; ++i) {
      for (std::int64_t j = 1; j <= move.more; ++j) {
        const std::int64_t sum = sums[i] + j * move.by;
        char& mark = marked[static_cast<std::size_t>(sum - reach.begin)];
        if (mark == 0) sums.push_back(sum);
        mark = 1;
      }
    }
  }
  std::vector<Interval> intervals;
  for (std::int64_t sum = bounds.begin; sum < bounds.end; ++sum) {
    if (marked[static_cast<std::size_t>(sum - reach.begin)] == 0) continue;
    if (!intervals.empty() && intervals.back().end == sum) {
      ++intervals.back().end;
    } else {
      intervals.push_back({sum, sum + 1});
    }
  }
  return intervals;
}

/// The pixels start + sum of digit * step in one direction.
struct Reach {
  std::int64_t first = 0;  ///< at the first value of every digit
  Interval all;            ///< from the lowest to the highest
};

Reach reach_of(const std::vector<Span>& spans, std::int64_t Digit::*step, std::int64_t start) {
  std::int64_t first = start;
  for (const Span& span : spans) first += span.digit.*step * span.values.begin;
  Interval all = {first, first + 1};
  for (const Span& span : spans) {
    const std::int64_t by = span.digit.*step;
    (by < 0 ? all.begin : all.end) += by * (span.values.end - 1 - span.values.begin);
  }
  return {first, all};
}

/// The distinct values start + sum of digit * step that lie in [0, limit), as sorted intervals.
std::vector<Interval> pixel_values(const std::vector<Span>& spans, std::int64_t Digit::*step, std::int64_t start,
                                   std::int64_t limit) {
  std::vector<Move> moves;
  for (const Span& span : spans) {
    const Move move = {span.digit.*step, span.values.end - 1 - span.values.begin};
    if (move.by != 0 && move.more > 0) moves.push_back(move);
  }
  const auto [first, reach] = reach_of(spans, step, start);
  const Interval bounds = {std::max<std::int64_t>(reach.begin, 0), std::min(reach.end, limit)};
  if (bounds.begin >= bounds.end) return {};
  const bool solid = moves.empty() || (moves.size() == 1 && std::abs(moves[0].by) == 1);
  if (solid) return {bounds};
  return sums_of(moves, first, reach, bounds);
}

/// Sorts runs and joins those that overlap or touch.
void merge_runs(std::vector<Run>& runs) {
  const auto by_first = [](const Run& a, const Run& b) { return a.first < b.first; };
  if (!std::is_sorted(runs.begin(), runs.end(), by_first)) std::sort(runs.begin(), runs.end(), by_first);
  std::size_t kept = 0;
  for (const Run& run : runs) {
    if (kept > 0 && run.first <= runs[kept - 1].first + runs[kept - 1].length) {
      Run& last = runs[kept - 1];
      last.length = std::max(last.length, run.first + run.length - last.first);
    } else {
      runs[kept++] = run;
    }
  }
  runs.resize(kept);
}

/// Copies the runs to every value of the axis. A solid run that a step does not outrun just grows.
void spread(std::vector<Run>& runs, const Axis& axis) {
  std::vector<Run> result;
  for (const Interval& values : axis.values) {
    const std::uint64_t shift = axis.unit * static_cast<std::uint64_t>(values.begin);
    const auto copies = static_cast<std::uint64_t>(values.end - values.begin);
    if (runs.size() == 1 && axis.unit <= runs[0].length) {
      result.push_back({runs[0].first + shift, runs[0].length + (copies - 1) * axis.unit});
      continue;
    }
    for (std::uint64_t copy = 0; copy < copies; ++copy) {
      for (const Run& run : runs) result.push_back({run.first + shift + copy * axis.unit, run.length});
    }
  }
  merge_runs(result);
  runs = std::move(result);
}

/// Moves the axis' lowest element into `first` and mirrors a descending axis, so that runs only ever move up.
Axis normalised(std::int64_t unit, std::vector<Interval> values, std::int64_t& first) {
  if (unit < 0) {
    std::reverse(values.begin(), values.end());
    for (Interval& interval : values) interval = {1 - interval.end, 1 - interval.begin};
    unit = -unit;
  }
  const std::int64_t lowest = values.front().begin;
  first += unit * lowest;
  for (Interval& interval : values) interval = {interval.begin - lowest, interval.end - lowest};
  return {static_cast<std::uint64_t>(unit), std::move(values)};
}

/// The elements of one box of rows and one box of k: first + sums over the axes, short steps first.
struct Lattice {
  std::int64_t first = 0;
  std::vector<Axis> axes;
};

/// Nothing if the boxes meet only padding.
std::optional<Lattice> lattice_of(const OperandView& view, const Box& rows, const Box& ks) {
  std::vector<Span> spans = rows;
  spans.insert(spans.end(), ks.begin(), ks.end());
  Lattice lattice{view.base, {}};
  const auto append = [&](std::int64_t unit, std::vector<Interval> values) {
    Axis axis = normalised(unit, std::move(values), lattice.first);
    if (axis.unit != 0 && axis.values.back().end > 1) lattice.axes.push_back(std::move(axis));
  };
  for (const Span& span : spans) append(span.digit.offset, {span.values});
  if (view.spatial) {
    std::vector<Interval> hs = pixel_values(spans, &Digit::dh, view.h0, view.height);
    std::vector<Interval> ws = pixel_values(spans, &Digit::dw, view.w0, view.width);
    if (hs.empty() || ws.empty()) return std::nullopt;
    append(view.h_stride, std::move(hs));
    append(view.w_stride, std::move(ws));
  }
  std::stable_sort(lattice.axes.begin(), lattice.axes.end(),
                   [](const Axis& a, const Axis& b) { return a.unit < b.unit; });
  return lattice;
}

bool same_last_axis(const Lattice& a, const Lattice& b) {
  if (a.axes.empty() || b.axes.empty()) return a.axes.empty() == b.axes.empty();
  return a.axes.back() == b.axes.back();
}

/// The union of the lattices. Those that share their longest axis are united below it first and spread together, so
/// that the parts of an image row grow into one run before they are copied to all rows and images.
std::vector<Run> united(std::vector<Lattice> lattices) {
  std::vector<Run> runs;
  while (!lattices.empty()) {
    std::vector<Lattice> group;
    std::vector<Lattice> rest;
    for (Lattice& lattice : lattices) {
      const bool joins = group.empty() || same_last_axis(group.front(), lattice);
      (joins ? group : rest).push_back(std::move(lattice));
    }
    lattices = std::move(rest);
    if (group.front().axes.empty()) {
      for (const Lattice& lattice : group) runs.push_back({static_cast<std::uint64_t>(lattice.first), 1});
      continue;
    }
    const Axis axis = group.front().axes.back();
    for (Lattice& lattice : group) lattice.axes.pop_back();
    std::vector<Run> spread_runs = united(std::move(group));
    spread(spread_runs, axis);
    runs.insert(runs.end(), spread_runs.begin(), spread_runs.end());
  }
  merge_runs(runs);
  return runs;
}

/// The axes of a lattice are independent only if no digit moves along two of them.
bool is_separable(const OperandView& view, const std::vector<Digit>& digits) {
  return !view.spatial || std::all_of(digits.begin(), digits.end(), [](const Digit& digit) {
    return (digit.offset != 0) + (digit.dh != 0) + (digit.dw != 0) <= 1;
  });
}

}  // namespace

std::vector<Run> touched_runs(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                              std::uint64_t k_begin, std::uint64_t k_end) {
  LNSIM_CHECK(row_end <= view.row_count() && k_end <= view.k_count(), "tile range beyond its operand view");
  LNSIM_CHECK(is_separable(view, view.rows) && is_separable(view, view.ks), "a digit moves along several axes");
  const std::vector<Box> row_boxes = boxes_of(view.rows, row_begin, row_end);
  const std::vector<Box> k_boxes = boxes_of(view.ks, k_begin, k_end);
  std::vector<Lattice> lattices;
  for (const Box& rows : row_boxes) {
    for (const Box& ks : k_boxes) {
      if (std::optional<Lattice> lattice = lattice_of(view, rows, ks)) lattices.push_back(*std::move(lattice));
    }
  }
  return united(std::move(lattices));
}

TileLayout tile_layout(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end, std::uint64_t k_begin,
                       std::uint64_t k_end) {
  const std::vector<Box> row_boxes = boxes_of(view.rows, row_begin, row_end);
  const std::vector<Box> k_boxes = boxes_of(view.ks, k_begin, k_end);
  TileLayout layout;
  const auto append_lengths = [&](const std::vector<Box>& boxes) {
    for (const Box& box : boxes) {
      for (const Span& span : box) layout.shape.push_back(span.values.end - span.values.begin);
    }
    layout.shape.push_back(-1);
  };
  append_lengths(row_boxes);
  append_lengths(k_boxes);
  // Boxes of equal lengths touch equal elements up to a shift, but for what padding cuts off.
  constexpr std::int64_t kNowhere = INT64_MIN;
  std::vector<std::int64_t> firsts;
  for (const Box& rows : row_boxes) {
    for (const Box& ks : k_boxes) {
      const std::optional<Lattice> lattice = lattice_of(view, rows, ks);
      firsts.push_back(lattice ? lattice->first : kNowhere);
      if (!lattice || !view.spatial) continue;
      std::vector<Span> spans = rows;
      spans.insert(spans.end(), ks.begin(), ks.end());
      const Interval hs = reach_of(spans, &Digit::dh, view.h0).all;
      const Interval ws = reach_of(spans, &Digit::dw, view.w0).all;
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

std::uint64_t element_count(const std::vector<Run>& runs) {
  std::uint64_t elements = 0;
  for (const Run& run : runs) elements += run.length;
  return elements;
}

}  // namespace lnsim
