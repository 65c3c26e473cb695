// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// A place in a tensor: element offset, and pixel for tensors with spatial bounds.
struct ViewPosition {
  std::int64_t element = 0;
  std::int64_t h = 0;
  std::int64_t w = 0;

  ViewPosition& operator+=(const ViewPosition& other) {
    element += other.element;
    h += other.h;
    w += other.w;
    return *this;
  }
  friend ViewPosition operator*(std::int64_t factor, const ViewPosition& step) {
    return {factor * step.element, factor * step.h, factor * step.w};
  }
  friend bool operator==(const ViewPosition&, const ViewPosition&) = default;
};

/// One digit of an index, its pixel step folded into the element step (and kept, where the pixel must be checked).
struct MergedDigit {
  std::uint64_t extent = 1;
  ViewPosition step;
};

/// Digits (slowest first) with extents of 1 left out and neighbours joined where a step of the slower one equals a
/// whole walk of the faster one. `keep_pixels` false: the pixel is never checked, so only elements must line up.
[[nodiscard]] std::vector<MergedDigit> merge_digits(const std::vector<Digit>& digits, std::int64_t h_stride,
                                                    std::int64_t w_stride, bool keep_pixels);

/// Where an index leads, by division.
[[nodiscard]] ViewPosition position_of(const std::vector<MergedDigit>& digits, std::uint64_t index);

/// True if some row and k of the view lie in the padding.
[[nodiscard]] bool meets_padding(const OperandView& view);

}  // namespace lnsim
