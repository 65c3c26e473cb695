// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/numerics/dot_unit.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/waves.hpp"
#include "sim/trace/actions.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::systemc {

/// Accumulation collector of every PE: two banks of hold_rows x lanes partial sums, so that one drains while the lanes
/// add into the other (docs/machine.md, C1 to C3).
class Collector final : public Block<Collector> {
 public:
  /// keep_data: banks hold real accumulators.
  Collector(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
            bool keep_data, FaultInjector* faults);

  /// Accumulators of the bank of a PE's tile, [row][lanes]. Only with data.
  [[nodiscard]] const numerics::Psum* bank(std::size_t pe, std::uint64_t tile) const;
  /// The same for writing, which is counted: the checker must know that nobody but the lanes wrote to a tile's sums.
  [[nodiscard]] numerics::Psum* open_bank(std::size_t pe, std::uint64_t tile);
  [[nodiscard]] std::uint64_t times_opened(std::size_t pe, std::uint64_t tile) const {
    return states_[pe].opened[tile % 2];
  }
  /// Accumulators that a PE's tile had when it began to drain, [row][tile.lanes]: what its words carry to the PPU.
  [[nodiscard]] const numerics::Psum* drained(std::size_t pe, std::uint64_t tile) const;
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);
  /// Every tile that drains from now on goes into the timeline.
  void watch(Timeline& timeline) { timeline_ = &timeline; }
  void add_signals(Waves& waves);

 private:
  enum Cause : unsigned { kCompute, kPpu, kDone };
  struct PeState {
    PeWalk drain_walk;
    PeWalk ready_walk;
    std::uint64_t drained = 0;    ///< tiles
    std::uint64_t ready = 0;      ///< tiles whose bank was made ready
    std::uint64_t preloaded = 0;  ///< tiles whose partial sums have arrived, or that need none, in order
    std::uint64_t outputs_left = 0;
    std::uint64_t drain_start = 0;
    std::uint64_t drained_behind = 0;  ///< the cycle after the last word
    bool waited_for_ppu = false;       ///< what ended the wait before the tile's first word
    std::vector<numerics::Psum> banks;
    std::uint64_t opened[2] = {0, 0};     ///< times that a bank was given out for writing
    std::vector<numerics::Psum> leaving;  ///< tiles on their way to the PPU: kLeaving slots of a bank each
  };
  /// Tiles between collector and link: the one that drains and two in the PPU.
  static constexpr std::uint64_t kLeaving = 4;

  friend class Block<Collector>;
  void tick();
  void receive_preload(PeLinks& links, PeState& pe, std::size_t index);
  bool drain(PeLinks& links, PeState& pe, std::size_t index, unsigned& causes);
  void make_ready(PeLinks& links, PeState& pe);

  const GemmSchedule& schedule_;
  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  std::uint64_t width_, lanes_, bank_psums_;
  bool keep_data_;
  FaultInjector* faults_;
  std::uint64_t accumulates_ = 0, drains_ = 0, preloads_ = 0;
  std::vector<Stalls<3>> stalls_;
  Timeline* timeline_ = nullptr;
};

}  // namespace lnsim::systemc
