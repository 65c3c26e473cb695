// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/footprint.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "sim/support/error.hpp"

namespace lnsim {
namespace {

using boost::container::small_vector;

/// Integers [begin, end).
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};
using Intervals = small_vector<Interval, 2>;

/// A digit restricted to an interval of its values.
struct Span {
  const Digit* digit = nullptr;
  Interval values;
};

/// A part of a mixed-radix range in which every digit runs over its own interval.
using Box = small_vector<Span, 6>;
using Boxes = small_vector<Box, 5>;

/// Splits [begin, end) of a mixed-radix index into boxes, at most two per digit: a head and a tail in which the slow
/// digits are fixed, and between them whole turns of the fast digits. turn: values of the digits from `position` on.
void append_boxes(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end, std::size_t position,
                  std::uint64_t turn, Box& fixed, Boxes& boxes) {
  if (begin >= end) return;
  if (position == digits.size()) {
    boxes.push_back(fixed);
    return;
  }
  turn /= digits[position].extent;  // values of the faster digits
  const auto descend = [&](std::uint64_t first, std::uint64_t last, std::uint64_t from, std::uint64_t to) {
    if (first >= last || from >= to) return;
    fixed.push_back({&digits[position], {static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)}});
    append_boxes(digits, from, to, position + 1, turn, fixed, boxes);
    fixed.pop_back();
  };
  const std::uint64_t first = begin / turn;
  const std::uint64_t last = (end - 1) / turn;
  const std::uint64_t head = begin - first * turn;
  const std::uint64_t tail = end - last * turn;
  if (first == last) return descend(first, first + 1, head, tail);
  const std::uint64_t whole_first = head == 0 ? first : first + 1;
  const std::uint64_t whole_last = tail == turn ? last + 1 : last;
  if (head != 0) descend(first, first + 1, head, turn);
  descend(whole_first, whole_last, 0, turn);
  if (tail != turn) descend(last, last + 1, 0, tail);
}

Boxes boxes_of(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t turn = 1;
  for (const Digit& digit : digits) turn *= digit.extent;
  Boxes boxes;
  Box fixed;
  append_boxes(digits, begin, end, 0, turn, fixed, boxes);
  return boxes;
}

/// Further steps of a digit after its first value: `more` steps of `by` > 0 (a digit that descends is mirrored).
struct Move {
  std::int64_t by = 0;
  std::int64_t more = 0;
};
using Moves = small_vector<Move, 8>;

/// Values step * interval of a direction: `step` is not 1 only if they are one interval.
struct Pixels {
  std::int64_t step = 1;
  std::int64_t start = 0;  ///< added to all of them
  Intervals values;        ///< sorted; none: all of them are padding
  [[nodiscard]] std::int64_t first() const { return start + step * values.front().begin; }
  [[nodiscard]] std::int64_t last() const { return start + step * (values.back().end - 1); }
};

/// The sums of the moves, as sorted intervals within `bounds`. The map has a byte per position up to the largest sum,
/// so it is no larger than the tile's window.
Intervals sums_of(const Moves& moves, std::int64_t largest, Interval bounds) {
  std::vector<char> marked(static_cast<std::size_t>(largest + 1), 0);
  std::vector<std::int64_t> sums = {0};
  marked[0] = 1;
  for (const Move& move : moves) {
    const std::size_t before = sums.size();
    for (std::size_t i = 0; i < before; ++i) {
      for (std::int64_t j = 1; j <= move.more; ++j) {
        const std::int64_t sum = sums[i] + j * move.by;
        char& mark = marked[static_cast<std::size_t>(sum)];
        if (mark == 0) sums.push_back(sum);
        mark = 1;
      }
    }
  }
  Intervals intervals;
  for (std::int64_t sum = bounds.begin; sum < bounds.end; ++sum) {
    if (marked[static_cast<std::size_t>(sum)] == 0) continue;
    if (!intervals.empty() && intervals.back().end == sum) {
      ++intervals.back().end;
    } else {
      intervals.push_back({sum, sum + 1});
    }
  }
  return intervals;
}

template <class Visit>
void for_each_span(const Box& rows, const Box& ks, const Visit& visit) {
  for (const Span& span : rows) visit(span);
  for (const Span& span : ks) visit(span);
}

/// The pixels start + sum of digit * step in one direction: from the lowest to the highest, padding included.
Interval reach_of(const Box& rows, const Box& ks, std::int64_t Digit::*step, std::int64_t start) {
  Interval all = {start, start + 1};
  for_each_span(rows, ks, [&](const Span& span) {
    const std::int64_t by = span.digit->*step;
    all.begin += by * (by < 0 ? span.values.end - 1 : span.values.begin);
    all.end += by * (by < 0 ? span.values.begin : span.values.end - 1);
  });
  return all;
}

/// The distinct values start + sum of digit * step that lie in [0, limit).
Pixels pixel_values(const Box& rows, const Box& ks, std::int64_t Digit::*step, std::int64_t start, std::int64_t limit) {
  Moves moves;
  for_each_span(rows, ks, [&](const Span& span) {
    const Move move = {std::abs(span.digit->*step), span.values.end - 1 - span.values.begin};
    if (move.by != 0 && move.more > 0) moves.push_back(move);
  });
  const Interval reach = reach_of(rows, ks, step, start);
  Pixels pixels{1, reach.begin, {}};
  // From here on relative to the lowest.
  Interval bounds = {std::max<std::int64_t>(-reach.begin, 0), std::min(reach.end, limit) - reach.begin};
  if (bounds.begin >= bounds.end) return pixels;
  if (moves.size() == 1 && moves[0].by > 1) {
    pixels.step = moves[0].by;
    bounds = {(bounds.begin + pixels.step - 1) / pixels.step, (bounds.end - 1) / pixels.step + 1};
    if (bounds.begin < bounds.end) pixels.values.push_back(bounds);
    return pixels;
  }
  // Solid if no move, taken by size, leaves a gap between what the smaller ones cover.
  std::sort(moves.begin(), moves.end(), [](const Move& x, const Move& y) { return x.by < y.by; });
  std::int64_t covered = 1;
  for (const Move& move : moves) {
    if (move.by > covered) {
      pixels.values = sums_of(moves, reach.end - 1 - reach.begin, bounds);
      return pixels;
    }
    covered += move.by * move.more;
  }
  pixels.values.push_back(bounds);
  return pixels;
}

std::vector<Run> expand(const StridedRuns& strided) {
  std::vector<Run> runs;
  for (const StridedRun& run : strided) {
    for (std::uint64_t copy = 0; copy < run.count; ++copy) runs.push_back({run.first + copy * run.stride, run.length});
  }
  return runs;
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

/// Appends a run that begins where the last one has ended, or later.
void append_run(StridedRuns& runs, const StridedRun& run) {
  if (!runs.empty()) {
    StridedRun& last = runs.back();
    if (last.count == 1 && run.count == 1 && run.first == last.end()) {
      last.length += run.length;
      return;
    }
    const std::uint64_t stride = last.count > 1 ? last.stride : run.first - last.first;
    const bool even = run.first == last.first + last.count * stride && (run.count == 1 || run.stride == stride);
    if (run.length == last.length && even && stride > run.length) {
      last.stride = stride;
      last.count += run.count;
      return;
    }
  }
  runs.push_back(run);
}

/// Sorts the runs, and makes those that overlap disjoint.
void settle(StridedRuns& runs) {
  const auto by_first = [](const StridedRun& a, const StridedRun& b) { return a.first < b.first; };
  if (!std::is_sorted(runs.begin(), runs.end(), by_first)) std::sort(runs.begin(), runs.end(), by_first);
  StridedRuns settled;
  for (const StridedRun& run : runs) {
    if (settled.empty() || run.first >= settled.back().end()) {
      append_run(settled, run);
    } else if (settled.back().count == 1 && run.count == 1) {
      StridedRun& last = settled.back();
      last.length = std::max(last.length, run.first + run.length - last.first);
    } else {
      std::vector<Run> plain = expand(runs);
      merge_runs(plain);
      settled.clear();
      for (const Run& one : plain) append_run(settled, {one.first, one.length, 0, 1});
      break;
    }
  }
  runs.swap(settled);
}

/// Appends `copies` of the runs, `unit` apart, the first of them moved by `shift`. A solid run that a step does not
/// outrun just grows.
void append_copies(StridedRuns& result, const StridedRuns& runs, std::uint64_t unit, std::uint64_t shift,
                   std::uint64_t copies) {
  if (runs.size() == 1) {
    const StridedRun& run = runs[0];
    if (run.count == 1 && unit <= run.length) {
      result.push_back({run.first + shift, run.length + (copies - 1) * unit, 0, 1});
      return;
    }
    if (run.count == 1 || unit == run.count * run.stride) {
      const std::uint64_t stride = run.count == 1 ? unit : run.stride;
      const std::uint64_t count = run.count * copies;
      result.push_back({run.first + shift, run.length, count > 1 ? stride : 0, count});
      return;
    }
  }
  for (std::uint64_t copy = 0; copy < copies; ++copy) {
    for (const StridedRun& run : runs) {
      result.push_back({run.first + shift + copy * unit, run.length, run.stride, run.count});
    }
  }
}

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

/// The first or the last element of two boxes; nothing if they meet only padding.
std::optional<std::int64_t> extreme_element(const OperandView& view, const Box& rows, const Box& ks, bool lowest) {
  std::int64_t element = view.base;
  for_each_span(rows, ks, [&](const Span& span) {
    const std::int64_t by = span.digit->offset;
    element += by * ((by < 0) == lowest ? span.values.end - 1 : span.values.begin);
  });
  if (!view.spatial) return element;
  const Pixels hs = pixel_values(rows, ks, &Digit::dh, view.h0, view.height);
  const Pixels ws = pixel_values(rows, ks, &Digit::dw, view.w0, view.width);
  if (hs.values.empty() || ws.values.empty()) return std::nullopt;
  return element + view.h_stride * ((view.h_stride < 0) == lowest ? hs.last() : hs.first()) +
         view.w_stride * ((view.w_stride < 0) == lowest ? ws.last() : ws.first());
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

std::optional<std::uint64_t> last_touched(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                          std::uint64_t k_begin, std::uint64_t k_end) {
  const Boxes row_boxes = boxes_of(view.rows, row_begin, row_end);
  const Boxes k_boxes = boxes_of(view.ks, k_begin, k_end);
  std::optional<std::int64_t> last;
  for (const Box& rows : row_boxes) {
    for (const Box& ks : k_boxes) {
      const std::optional<std::int64_t> of_boxes = extreme_element(view, rows, ks, false);
      if (of_boxes && (!last || *of_boxes > *last)) last = of_boxes;
    }
  }
  if (!last) return std::nullopt;
  return static_cast<std::uint64_t>(*last);
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
  for (const Box& rows : row_boxes) {
    for (const Box& ks : k_boxes) {
      const std::optional<std::int64_t> first = extreme_element(view, rows, ks, true);
      firsts.push_back(first.value_or(kNowhere));
      if (!first || !view.spatial) continue;
      const Interval hs = reach_of(rows, ks, &Digit::dh, view.h0);
      const Interval ws = reach_of(rows, ks, &Digit::dw, view.w0);
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

std::uint64_t element_count(const StridedRuns& runs) {
  std::uint64_t elements = 0;
  for (const StridedRun& run : runs) elements += run.length * run.count;
  return elements;
}

}  // namespace lnsim
