// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// Integers [begin, end).
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};
using Intervals = boost::container::small_vector<Interval, 2>;

/// A digit restricted to an interval of its values.
struct Span {
  const Digit* digit = nullptr;
  Interval values;
};

/// A part of a mixed-radix range in which every digit runs over its own interval.
using Box = boost::container::small_vector<Span, 6>;
using Boxes = boost::container::small_vector<Box, 5>;

/// Splits [begin, end) of a mixed-radix index into boxes, at most two per digit: a head and a tail in which the slow
/// digits are fixed, and between them whole turns of the fast digits.
[[nodiscard]] Boxes boxes_of(const std::vector<Digit>& digits, std::uint64_t begin, std::uint64_t end);

/// Values step * interval of a direction: `step` is not 1 only if they are one interval.
struct Pixels {
  std::int64_t step = 1;
  std::int64_t start = 0;  ///< added to all of them
  Intervals values;        ///< sorted; none: all of them are padding
  [[nodiscard]] std::int64_t first() const { return start + step * values.front().begin; }
  [[nodiscard]] std::int64_t last() const { return start + step * (values.back().end - 1); }
};

/// visit(span) for the digits of the rows, then of k.
template <class Visit>
void for_each_span(const Box& rows, const Box& ks, const Visit& visit) {
  for (const Span& span : rows) visit(span);
  for (const Span& span : ks) visit(span);
}

/// The distinct values start + sum of digit * step that lie in [0, limit).
[[nodiscard]] Pixels pixel_values(const Box& rows, const Box& ks, std::int64_t Digit::*step, std::int64_t start,
                                  std::int64_t limit);

}  // namespace lnsim
