// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// OutputView::element() without its divisions: two table look-ups (or products, for an axis of one digit).
class OutputElements {
 public:
  explicit OutputElements(const OutputView& view);

  /// Element of output (m, n) in its tensor; the caller keeps both within the view.
  [[nodiscard]] std::uint64_t element(std::uint64_t m, std::uint64_t n) const {
    return static_cast<std::uint64_t>(base_ + m_.at(m) + n_.at(n));
  }
  /// The same in parts, for loops over one of them: element(m, n) = element(m, 0) + of_n(n) = element(0, n) + of_m(m),
  /// modulo 2^64.
  [[nodiscard]] std::uint64_t of_m(std::uint64_t m) const { return static_cast<std::uint64_t>(m_.at(m)); }
  [[nodiscard]] std::uint64_t of_n(std::uint64_t n) const { return static_cast<std::uint64_t>(n_.at(n)); }

 private:
  struct Axis {
    explicit Axis(const std::vector<Digit>& digits);
    [[nodiscard]] std::int64_t at(std::uint64_t i) const {
      return table.empty() ? static_cast<std::int64_t>(i) * step : table[i];
    }
    std::int64_t step = 0;
    std::vector<std::int64_t> table;  ///< empty: equal steps
  };

  std::int64_t base_;
  Axis m_;
  Axis n_;
};

/// What one index of a GEMM's batch adds to the elements of each operand and of the output.
struct BatchOffsets {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t out = 0;
};
/// index < gemm.count(), the last digit fastest.
[[nodiscard]] BatchOffsets batch_offsets(const Gemm& gemm, std::uint64_t index);

}  // namespace lnsim
