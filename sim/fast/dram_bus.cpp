// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/dram_bus.hpp"

#include <algorithm>

namespace lnsim::fast {

void DramBus::grow(Cycle last) {
  std::size_t size = slots_.size();
  while (last - from_ >= size) size *= 2;
  std::vector<Slot> larger(size);
  for (Cycle cycle = from_; cycle < end_; ++cycle) larger[cycle & (size - 1)] = slots_[cycle & (slots_.size() - 1)];
  slots_ = std::move(larger);
}

void DramBus::add(Cycle first, Cycle last, std::uint32_t channel, DramCause cause) {
  LNSIM_CHECK(first >= from_, "data on the bus in a cycle that was settled");
  if (last - from_ >= slots_.size()) grow(last);
  for (Cycle cycle = first; cycle <= last; ++cycle) {
    Slot& slot = slots_[cycle & (slots_.size() - 1)];
    if (!slot.busy || channel < slot.channel) slot = {true, cause, channel};
  }
  end_ = std::max(end_, last + 1);
}

void DramBus::settle(Cycle cycle) {
  const Cycle until = std::min(cycle + 1, end_);
  for (; from_ < until; ++from_) {
    Slot& slot = slots_[from_ & (slots_.size() - 1)];
    if (!slot.busy) continue;
    if (from_ > gap_from_) stalls_.charge(static_cast<std::size_t>(slot.cause), from_ - gap_from_);
    stalls_.busy(1);
    gap_from_ = from_ + 1;
    slot = {};
  }
  from_ = std::max(from_, cycle + 1);
}

Stalls<kDramCauses> DramBus::stalls(Cycle cycles) const {
  DramBus rest = *this;
  if (rest.end_ > 0) rest.settle(rest.end_ - 1);
  LNSIM_CHECK(rest.gap_from_ <= cycles, "data on the DRAM's bus after the end of the pass");
  rest.stalls_.charge(static_cast<std::size_t>(DramCause::kIdle), cycles - rest.gap_from_);
  return rest.stalls_;
}

}  // namespace lnsim::fast
