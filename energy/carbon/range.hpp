// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace lnsim::carbon {

/// A figure with what it may be at least and at most.
struct Range {
  double low = 0, mid = 0, high = 0;
  friend Range operator+(const Range& x, const Range& y) { return {x.low + y.low, x.mid + y.mid, x.high + y.high}; }
  friend Range operator*(double factor, const Range& x) { return {factor * x.low, factor * x.mid, factor * x.high}; }
  /// Of factors that are not negative: the least of the product has the least of both.
  friend Range operator*(const Range& x, const Range& y) { return {x.low * y.low, x.mid * y.mid, x.high * y.high}; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// The range, or one without width around a figure that carries none.
[[nodiscard]] inline Range range_of(double mid, const std::optional<Range>& range) {
  return range.value_or(Range{mid, mid, mid});
}

/// "1.2", a range without width, or "1.1:1.2:1.5", low, mid and high. Throws InputError (of `origin`) for other texts,
/// for figures outside min..max and for a mid outside its range.
[[nodiscard]] Range parse_range(const std::string& origin, const std::string& text, double min, double max);

}  // namespace lnsim::carbon
