// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/tile_box.hpp"

#include <algorithm>
#include <cstdlib>

namespace lnsim {
namespace {

/// turn: values of the digits from `position` on.
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

/// Further steps of a digit after its first value: `more` steps of `by` > 0 (a digit that descends is mirrored).
struct Move {
  std::int64_t by = 0;
  std::int64_t more = 0;
};
using Moves = boost::container::small_vector<Move, 8>;

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

}  // namespace

Boxes boxes_of(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t turn = 1;
  for (const Digit& digit : digits) turn *= digit.extent;
  Boxes boxes;
  Box fixed;
  append_boxes(digits, begin, end, 0, turn, fixed, boxes);
  return boxes;
}

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

}  // namespace lnsim
