// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/collector.hpp"

#include <algorithm>

namespace lnsim::fast {

// C2. The PPU holds two tiles (P2), so tile t waits for tile t - 2 to leave it.
bool Collector::advance(std::uint64_t ppu_width) {
  bool moved = false;
  while (!waiting_.empty() && drained_ <= left_ + 1) {
    const Tile tile = waiting_.front();
    waiting_.pop_front();
    const Cycle ppu_free = drained_ < 2 ? 0 : last_word_[drained_ % 2] + 1;
    const Cycle start = std::max({tile.complete, idle_from_, ppu_free});
    const std::uint64_t cycles = ceil_div(tile.outputs, ppu_width);
    const bool waited_for_ppu = start > idle_from_ && start != tile.complete;
    stalls_.charge(waited_for_ppu ? kWaitPpu : kCompute, start - idle_from_);
    stalls_.busy(cycles);
    // P1: taken a cycle later.
    ppu_.take(start + 1, cycles, waited_for_ppu);
    if (timeline_ != nullptr) timeline_->add({TimelineTrack::kCollector, pe_, start, start + cycles, drained_});
    idle_from_ = start + cycles;
    drain_end_[drained_ % 2] = idle_from_ - 1;
    ++drained_;
    leaving.push_back(start);
    moved = true;
  }
  return moved;
}

}  // namespace lnsim::fast
