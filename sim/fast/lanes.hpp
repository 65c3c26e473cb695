// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/buffer_b.hpp"
#include "sim/fast/collector.hpp"
#include "sim/fast/shapes.hpp"
#include "sim/schedule/walks.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::fast {

/// The lanes of one PE, and with them its buffers and its collector: one K-group after the other (docs/machine.md,
/// section 6), a tile's inner groups at once where their operands have been there before.
class Lanes {
 public:
  enum Cause : std::size_t { kFill, kOperandA, kOperandB, kCollector, kAccumulateLatency, kDrain };

  Lanes(Shapes& shapes, std::uint64_t pe_row, std::uint64_t pe_column);

  /// Issues K-groups and drains tiles as far as what they need is known; true if it did either.
  bool advance();
  [[nodiscard]] bool done() const { return walk_.done() && collector_.done(); }
  [[nodiscard]] BufferA& buffer_a() { return a_; }
  [[nodiscard]] const BufferA& buffer_a() const { return a_; }
  [[nodiscard]] BufferB& buffer_b() { return b_; }
  [[nodiscard]] const BufferB& buffer_b() const { return b_; }
  [[nodiscard]] Collector& collector() { return collector_; }
  [[nodiscard]] const Collector& collector() const { return collector_; }
  [[nodiscard]] std::uint64_t tiles() const { return tiles_; }

  [[nodiscard]] const Stalls<6>& stalls() const { return stalls_; }
  /// Actions of this PE.
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t useful_macs() const { return useful_macs_; }
  [[nodiscard]] const PeWalk& walk() const { return walk_; }
  [[nodiscard]] Cycle next_issue() const { return before_.next_issue; }
  /// Forgets when units came so early, by more than any constant that is added to a time, that no read waits for them.
  void forget_past(Cycle margin);
  void visit(StateVisitor& state);
  /// Every tile from now on goes into the timeline, as one of PE `pe`.
  void watch(Timeline& timeline, std::uint64_t pe) {
    timeline_ = &timeline;
    pe_ = pe;
    collector_.watch(timeline, pe);
  }

 private:
  /// Times that the next K-group depends on.
  struct Times {
    Cycle active = 0;       ///< w: moved to the active bank
    Cycle complete = 0;     ///< the cycle after its last read
    Cycle next_issue = 0;   ///< the cycle after its last row was issued
    Cycle accumulated = 0;  ///< accumulate_cycles after its first row was issued
  };
  /// A K-group: its times and its stalls.
  struct Group {
    Times after;
    Cycle a_written = 0, b_written = 0;  ///< first words of new units (seen)
    std::uint64_t a_gap = 0, a_inside = 0, gap = 0, inside = 0;
    bool a_waited = false, b_waited = false;
    Cause cause = kFill;
  };

  void start_tile();
  void fit_shape();
  bool open_bank();
  void issue();
  template <bool kNewA, bool kNewB>
  void issue_groups();
  template <bool kNewA, bool kNewB>
  Group next_group();
  template <bool kNewA, bool kNewB>
  bool repeat_group();
  void charge(std::uint64_t groups);
  void issue_shifted(Cycle shift, std::uint64_t groups);
  [[nodiscard]] std::uint64_t a_like_before() const;
  [[nodiscard]] std::uint64_t b_like_before() const;
  void end_tile();

  Shapes& shapes_;
  BufferA a_;
  BufferB b_;
  Collector collector_;
  std::uint64_t lanes_, ppu_width_;
  Cycle accumulate_cycles_, complete_cycles_;
  PeWalk walk_;
  std::uint64_t tiles_ = 0;

  // The tile at hand.
  std::uint64_t t_ = 0, n_ = 0;  ///< rows; reads of buffer A per group
  FeedTimes feed_a_, feed_b_;
  std::uint64_t group_ = 0;
  Cycle bank_ready_ = kUnknown;

  Times before_;         ///< of the K-group before
  Group group_at_;       ///< the K-group before
  Cycle period_ = 0;     ///< from the group before it to it
  bool steady_ = false;  ///< it is like that one, but for the period
  bool issued_any_ = false;

  std::uint64_t useful_macs_ = 0;
  Counts counts_;
  Stalls<6> stalls_;

  Timeline* timeline_ = nullptr;
  std::uint64_t pe_ = 0;
  Cycle tile_begin_ = 0;  ///< first row of the tile
};

}  // namespace lnsim::fast
