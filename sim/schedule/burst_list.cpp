// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/burst_list.hpp"

#include <algorithm>

namespace lnsim {

std::vector<BurstRange> without(const std::vector<BurstRange>& all, const std::vector<BurstRange>& part) {
  std::vector<BurstRange> rest;
  std::size_t next = 0;
  for (const BurstRange& range : all) {
    std::uint64_t from = range.first;
    const std::uint64_t end = range.first + range.count;
    while (next < part.size() && part[next].first + part[next].count <= from) ++next;
    for (std::size_t i = next; i < part.size() && part[i].first < end; ++i) {
      if (part[i].first > from) rest.push_back({from, part[i].first - from});
      from = std::max(from, part[i].first + part[i].count);
    }
    if (from < end) rest.push_back({from, end - from});
  }
  return rest;
}

std::vector<BurstRange> burst_ranges(const BurstPattern& pattern) {
  std::vector<BurstRange> ranges;
  pattern.for_each_range([&](std::uint64_t first, std::uint64_t last) {
    if (!ranges.empty() && ranges.back().first + ranges.back().count == first) {
      ranges.back().count += last - first + 1;
    } else {
      ranges.push_back({first, last - first + 1});
    }
  });
  return ranges;
}

std::uint64_t burst_count(const std::vector<BurstRange>& ranges) {
  std::uint64_t bursts = 0;
  for (const BurstRange& range : ranges) bursts += range.count;
  return bursts;
}

}  // namespace lnsim
