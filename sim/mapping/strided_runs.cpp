// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/strided_runs.hpp"

#include <algorithm>

namespace lnsim {
namespace {

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

}  // namespace

std::vector<Run> expand(const StridedRuns& strided) {
  std::vector<Run> runs;
  for (const StridedRun& run : strided) {
    for (std::uint64_t copy = 0; copy < run.count; ++copy) runs.push_back({run.first + copy * run.stride, run.length});
  }
  return runs;
}

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
