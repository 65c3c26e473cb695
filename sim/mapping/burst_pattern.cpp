// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/burst_pattern.hpp"

#include <algorithm>

#include "sim/support/error.hpp"

namespace lnsim {
namespace {

/// Sum of floor((start + i * step) / divisor) for i in [0, count), by Euclid's algorithm on step and divisor.
std::uint64_t floor_sum(std::uint64_t count, std::uint64_t divisor, std::uint64_t step, std::uint64_t start) {
  std::uint64_t sum = 0;
  while (count > 0) {
    sum += count * (count - 1) / 2 * (step / divisor) + count * (start / divisor);
    step %= divisor;
    start %= divisor;
    const std::uint64_t end = step * count + start;
    if (end < divisor) break;
    // Count the lattice points below the line from the other axis.
    count = end / divisor;
    start = end % divisor;
    std::swap(step, divisor);
  }
  return sum;
}

}  // namespace

BurstPattern::BurstPattern(const StridedRuns& runs, ElementSize element, std::uint64_t burst_bytes)
    : element_units_(element.units()), burst_units_(burst_bytes * ElementSize::kUnitsPerByte) {
  std::uint64_t next = 0;  // the first burst that is not counted yet
  for (const StridedRun& run : runs) {
    Part part{run.first * element_units_, run.length * element_units_, run.stride * element_units_, run.count, 0, 0, 0};
    // A gap that is too short for a burst hides none.
    if (part.runs > 1 && part.stride_units - part.units < burst_units_) {
      part.units += (part.runs - 1) * part.stride_units;
      part.stride_units = 0;
      part.runs = 1;
    }
    part.first_burst = part.first_unit / burst_units_;
    part.shared = part.first_burst < next ? 1 : 0;
    part.before = total_;
    total_ += count(part, part.runs) - part.shared;
    next = last_of(part, part.runs - 1) + 1;
    parts_.push_back(part);
  }
}

// Bursts of the part's first runs.
std::uint64_t BurstPattern::count(const Part& part, std::uint64_t runs) const {
  if (runs == 0) return 0;
  const std::uint64_t of_first = last_of(part, 0) - part.first_burst + 1;
  if (runs == 1 || part.stride_units % burst_units_ == 0) return runs * of_first;
  const std::uint64_t start = part.first_unit % burst_units_;
  return runs + floor_sum(runs, burst_units_, part.stride_units, start + part.units - 1) -
         floor_sum(runs, burst_units_, part.stride_units, start);
}

std::uint64_t BurstPattern::up_to(std::uint64_t element) const {
  const std::uint64_t unit = (element + 1) * element_units_ - 1;
  const std::uint64_t burst = unit / burst_units_;
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), burst,
                                      [](std::uint64_t x, const Part& part) { return x < part.first_burst; });
  LNSIM_CHECK(after != parts_.begin(), "an element before all of a tile's");
  const Part& part = *(after - 1);
  // The last run that begins in this burst or before.
  const std::uint64_t run =
      part.runs == 1 ? 0
                     : std::min(part.runs - 1, ((burst + 1) * burst_units_ - 1 - part.first_unit) / part.stride_units);
  const std::uint64_t within = std::min(burst, last_of(part, run)) - first_of(part, run) + 1;
  return part.before - part.shared + count(part, run) + within;
}

}  // namespace lnsim
