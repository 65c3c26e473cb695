// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fast/cycle.hpp"
#include "sim/fast/dram_channel.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

inline constexpr std::size_t kDramCauses = 5;

/// Core cycles in which data are on the bus of any channel, and what the gaps between them waited for (docs/machine.md,
/// B12). Bursts of several channels come in no order of time, but none before a cycle that grows.
class DramBus {
 public:
  /// Data in core cycles first .. last, of a burst of `channel`.
  void add(Cycle first, Cycle last, std::uint32_t channel, DramCause cause);
  /// No more data in this cycle or before.
  void settle(Cycle cycle);
  /// The stalls of a pass of so many cycles: idle after the last data.
  [[nodiscard]] Stalls<kDramCauses> stalls(Cycle cycles) const;

 private:
  /// A busy cycle: the lowest channel and its first burst that begins in it.
  struct Slot {
    bool busy = false;
    DramCause cause = DramCause::kIdle;
    std::uint32_t channel = 0;
  };
  void grow(Cycle last);

  std::vector<Slot> slots_ = std::vector<Slot>(64);  ///< by cycle, modulo
  Cycle from_ = 0;                                   ///< cycles before are settled
  Cycle end_ = 0;                                    ///< behind the last busy cycle
  Cycle gap_from_ = 0;                               ///< behind the last settled busy cycle
  Stalls<kDramCauses> stalls_;
};

}  // namespace lnsim::fast
