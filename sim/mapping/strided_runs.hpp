// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

namespace lnsim {

/// Neighbouring elements of a tensor.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t length = 0;

  friend bool operator==(const Run&, const Run&) = default;
};

/// `count` runs of equal length, their first elements `stride` apart. stride > length, or count = 1 and stride = 0.
struct StridedRun {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  std::uint64_t stride = 0;
  std::uint64_t count = 1;

  /// The element after the last.
  [[nodiscard]] std::uint64_t end() const { return first + (count - 1) * stride + length; }
  friend bool operator==(const StridedRun&, const StridedRun&) = default;
};
using StridedRuns = boost::container::small_vector<StridedRun, 4>;

/// Run by run.
[[nodiscard]] std::vector<Run> expand(const StridedRuns& strided);
/// Sorts runs and joins those that overlap or touch.
void merge_runs(std::vector<Run>& runs);
/// Sorts the runs, and makes those that overlap disjoint.
void settle(StridedRuns& runs);
/// Appends `copies` of the runs, `unit` apart, the first of them moved by `shift`. A solid run that a step does not
/// outrun just grows.
void append_copies(StridedRuns& result, const StridedRuns& runs, std::uint64_t unit, std::uint64_t shift,
                   std::uint64_t copies);

/// Sum of the lengths.
[[nodiscard]] std::uint64_t element_count(const std::vector<Run>& runs);
[[nodiscard]] std::uint64_t element_count(const StridedRuns& runs);

}  // namespace lnsim
