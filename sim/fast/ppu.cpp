// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/ppu.hpp"

#include <algorithm>

#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim::fast {

PackTable::PackTable(const PassConfig& config, std::uint64_t link_bytes)
    : link_bits_(link_bytes * 8),
      width_(config.accelerator.pe.ppu_width),
      ppu_cycles_(config.accelerator.pe.ppu_cycles) {}

const PackTimes& PackTable::times(std::uint64_t outputs, unsigned bits) {
  const auto fits = [&](const PackTimes& entry) { return entry.outputs == outputs && entry.bits == bits; };
  if (recent_ < entries_.size() && fits(entries_[recent_])) return entries_[recent_];
  const auto found = std::find_if(entries_.begin(), entries_.end(), fits);
  recent_ = static_cast<std::size_t>(found - entries_.begin());
  if (found != entries_.end()) return *found;

  PackTimes entry{outputs, bits, ceil_div(outputs * bits, link_bits_), 0, 0};
  for (std::uint64_t word = 0; word < entry.words; ++word) {
    // The outputs that end in this word or before, and the collector word that brings the last of them: it is taken a
    // cycle after it was drained.
    const std::uint64_t needed = ceil_div(std::min((word + 1) * link_bits_, outputs * bits), bits);
    const Cycle there = 1 + (ceil_div(needed, width_) - 1) + ppu_cycles_;
    if (word == 0) entry.first = there;
    entry.last = std::max(entry.last, there + entry.words - 1 - word);
  }
  entries_.push_back(entry);
  return entries_.back();
}

}  // namespace lnsim::fast
