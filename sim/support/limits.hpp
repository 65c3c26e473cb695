// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>

namespace lnsim {

/// What a described parameter may be. For numbers `min` and `max` bound the value, for strings the length in bytes, for
/// lists and maps of objects the number of items, for lists and maps of numbers or strings each item.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool required = false;       ///< must be written; otherwise the default of the struct holds
  const char* unit = "";       ///< "cycles", "bytes", "pJ"; empty for pure numbers
  bool min_exclusive = false;  ///< min itself is not allowed (a scale that must be > 0)
  std::size_t min_items = 0;   ///< for lists and maps of numbers or strings
  std::size_t max_items = std::numeric_limits<std::size_t>::max();
};

/// The bounds of an arithmetic type and the limits together, as text and for comparison.
struct Range {
  double min, max;
  bool min_exclusive;
  std::string min_text, max_text;  ///< empty if there is no such bound

  /// "1..1024", ">= 1", "> 0", "<= 5", or "" when everything is allowed.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool contains(double value) const {
    return (min_exclusive ? value > min : value >= min) && value <= max;
  }
};

/// A limit as text: integers without a decimal point.
[[nodiscard]] std::string limit_text(double limit);

/// The range of values of type T within `limits`.
template <class T>
[[nodiscard]] Range range_of(const Limits& limits) {
  Range range{limits.min, limits.max, limits.min_exclusive, limit_text(limits.min), limit_text(limits.max)};
  if constexpr (std::is_integral_v<T>) {
    using Type = std::numeric_limits<T>;
    if (limits.min < static_cast<double>(Type::min())) {
      range.min = static_cast<double>(Type::min());
      range.min_text = std::to_string(Type::min());
      range.min_exclusive = false;
    }
    if (limits.max >= static_cast<double>(Type::max())) {
      range.max = static_cast<double>(Type::max());
      range.max_text = std::to_string(Type::max());
    }
  }
  return range;
}

}  // namespace lnsim
