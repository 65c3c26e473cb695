// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/fast/cycle.hpp"
#include "sim/fast/state.hpp"

namespace lnsim::fast {

/// Link words of an output tile, from the cycle in which its drain starts (docs/machine.md, P1, P2).
struct PackTimes {
  std::uint64_t outputs = 0;
  unsigned bits = 0;  ///< per output
  std::uint64_t words = 0;
  Cycle first = 0;  ///< the first word is there
  Cycle last = 0;   ///< the last word leaves, at the earliest: max over words of (there + words after it)
};

/// PPU packing, per tile shape; each computed once.
class PackTable {
 public:
  PackTable(const PassConfig& config, std::uint64_t link_bytes);
  const PackTimes& times(std::uint64_t outputs, unsigned bits);

 private:
  std::uint64_t link_bits_, width_;
  Cycle ppu_cycles_;
  std::vector<PackTimes> entries_;
  std::size_t recent_ = 0;
};

/// The cycles of one PE's PPU.
class Ppu {
 public:
  enum Cause : std::size_t { kCollector, kNetwork, kDone };

  /// A tile whose partial sums are taken in `cycles` cycles from `first` on.
  void take(Cycle first, std::uint64_t cycles, bool waited_for_network) {
    stalls_.charge(waited_for_network ? kNetwork : kCollector, first - idle_from_);
    stalls_.busy(cycles);
    idle_from_ = first + cycles;
  }
  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }
  void visit(StateVisitor& state) {
    state.clock(idle_from_);
    state.stalls(stalls_);
  }

 private:
  Cycle idle_from_ = 0;
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
