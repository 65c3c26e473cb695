// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/timeline.hpp"

#include <algorithm>

namespace lnsim {

std::vector<TimelineEvent> Timeline::sorted() const {
  std::vector<TimelineEvent> sorted = events_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

void Timeline::shift(std::size_t first, std::uint64_t cycles) {
  for (std::size_t i = first; i < events_.size(); ++i) {
    events_[i].begin += cycles;
    events_[i].end += cycles;
  }
}

}  // namespace lnsim
