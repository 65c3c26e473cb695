// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/mapping/burst_pattern.hpp"

namespace lnsim {

/// Bursts side by side: first .. first + count - 1.
struct BurstRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const BurstRange&, const BurstRange&) = default;
};

/// The bursts of a transfer in address order: ranges that many transfers may share, shifted. Empty where the DRAM model
/// needs no addresses.
struct BurstList {
  std::shared_ptr<const std::vector<BurstRange>> ranges;
  std::uint64_t shift = 0;
};

[[nodiscard]] inline BurstList burst_list(std::vector<BurstRange> ranges, std::uint64_t shift) {
  return {std::make_shared<const std::vector<BurstRange>>(std::move(ranges)), shift};
}

/// Walks over the bursts of a list.
class BurstCursor {
 public:
  BurstCursor() = default;
  explicit BurstCursor(const BurstList& list) : list_(&list) {}
  [[nodiscard]] bool done() const {
    return list_ == nullptr || list_->ranges == nullptr || range_ == list_->ranges->size();
  }
  /// The address of the current burst. Requires !done().
  [[nodiscard]] std::uint64_t address() const { return (*list_->ranges)[range_].first + within_ + list_->shift; }
  void next() {
    if (++within_ == (*list_->ranges)[range_].count) ++range_, within_ = 0;
  }

 private:
  const BurstList* list_ = nullptr;
  std::size_t range_ = 0;
  std::uint64_t within_ = 0;
};

/// The bursts of `all` without those of `part`; both sorted and disjoint.
[[nodiscard]] std::vector<BurstRange> without(const std::vector<BurstRange>& all, const std::vector<BurstRange>& part);

/// The bursts of a pattern as ranges that do not touch.
[[nodiscard]] std::vector<BurstRange> burst_ranges(const BurstPattern& pattern);

/// Number of bursts.
[[nodiscard]] std::uint64_t burst_count(const std::vector<BurstRange>& ranges);

}  // namespace lnsim
