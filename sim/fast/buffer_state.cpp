// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/buffer_state.hpp"

#include <algorithm>

namespace lnsim::fast {

Cycle RegionSpace::earliest_claim(std::uint64_t id, std::uint64_t bytes) {
  if (id != claims_) return kUnknown;
  // What claims need only grows, so a free that an earlier claim used is never looked at again.
  while (claimed_ + bytes > capacity_ + freed_used_) {
    if (freed_.empty()) return kUnknown;
    freed_used_ += freed_.front().bytes;
    freed_seen_ = freed_.front().cycle + 1;
    freed_.pop_front();
  }
  return std::max(freed_seen_, claim_from_);
}

Cycle FillCounter::seen(std::uint64_t words) const {
  if (words == 0) return 0;
  if (words > total_) return kUnknown;
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    const Load& load = loads_[i];
    if (words <= load.first) break;
    if (words <= load.first + load.transfer.words) return dram_->filled(load.transfer, words - 1 - load.first) + 1;
  }
  return retired_seen_;
}

void FillCounter::retire(std::uint64_t words) {
  while (!loads_.empty() && loads_.front().first + loads_.front().transfer.words <= words) {
    const Dram::Transfer& load = loads_.front().transfer;
    retired_seen_ = dram_->filled(load, load.words - 1) + 1;
    loads_.pop_front();
  }
}

}  // namespace lnsim::fast
