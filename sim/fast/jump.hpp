// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "sim/fast/step_memo.hpp"

namespace lnsim::fast {

/// Finds out that the state of the machine recurs, a period later and some turns of one loop further on, and moves the
/// machine on by whole periods (docs/machine.md, section 10).
class Jumps {
 public:
  /// periods: jump; otherwise only steps that go as earlier ones are passed over.
  Jumps(const GemmBlocks& blocks, bool periods);
  /// Looks at the machine whenever all blocks have gone on as far as they could. True if it should look again at once:
  /// the drain link has come to another step.
  bool look();
  /// A loop of which turns are not listed was left without a jump over them.
  [[nodiscard]] bool missed() const { return missed_; }
  /// Output tiles that were jumped over.
  [[nodiscard]] std::uint64_t tiles() const { return tiles_; }
  /// And of steps that went as an earlier one.
  [[nodiscard]] std::uint64_t remembered_tiles() const { return remembered_tiles_; }

 private:
  /// Loops, slowest first: those over steps (Step::loop), then those within a step.
  enum Loop : std::size_t { kBatch, kBlock = 4, kChunk, kLanes, kLoops };
  static bool in_step(std::size_t loop) { return loop >= kBlock; }

  /// What is cheap to compare.
  using Signature = std::array<std::uint64_t, 9>;
  /// A state to compare with, as Brent's method keeps it.
  struct Reference {
    Snapshot state;
    DrainedTiles::Mark drained;
    OperandPort::Place a, b;
    Cycle a_next = 0, b_next = 0;  ///< when the ports were free
    std::uint64_t preloaded = 0;   ///< tiles
    std::size_t step = 0, job = 0, part = 0;
    std::uint64_t rows = 0;
    Cycle time = 0;
    Signature signature{};
    std::uint64_t age = 0, power = 0;  ///< looks since then, and after how many it is replaced; 0: there is none
  };
  /// What lies between two states.
  struct Period {
    Cycle cycles = 0;
    std::size_t steps = 0;
    std::uint64_t rows = 0;  ///< that the loop within the step has moved on
    std::uint64_t tiles = 0;
  };

  [[nodiscard]] std::size_t moved_loop() const;
  [[nodiscard]] bool long_enough(std::size_t loop) const;
  [[nodiscard]] std::uint64_t rows_of(std::size_t loop) const;
  [[nodiscard]] Signature signature(std::size_t loop) const;
  static bool port_fits(const OperandPort::Place& now, const OperandPort::Place& before, bool is_a, std::size_t loop,
                        const Period& period);
  void record();
  void refer(Reference& reference, std::size_t loop);
  bool try_jump(Reference& reference, std::size_t loop);
  [[nodiscard]] bool recurs(const Reference& reference, std::size_t loop, const Period& period) const;
  [[nodiscard]] Cycle floor(const Reference& reference) const;
  /// Periods of steps to jump over: of those that are listed, and of those that are not.
  struct StepPeriods {
    std::uint64_t listed = 0, left_out = 0;
  };
  [[nodiscard]] StepPeriods equal_step_periods(const Reference& reference, std::size_t loop,
                                               const Period& period) const;
  [[nodiscard]] std::uint64_t periods_left_out(std::size_t loop, std::size_t first, std::size_t last,
                                               const Period& period) const;
  [[nodiscard]] bool cut_ahead(std::size_t loop) const;
  void leave_loops(std::size_t outer);
  void move_on(const Reference& reference, std::size_t loop, const Period& period, std::uint64_t times);
  void move_in_time(const Reference& reference, const Period& period, std::uint64_t times);
  [[nodiscard]] std::uint64_t equal_turns(const Reference& reference, std::size_t loop, const Period& period) const;
  [[nodiscard]] std::uint64_t turns_to_last(const Reference& reference, std::size_t loop, const Period& period) const;
  [[nodiscard]] std::uint64_t equal_parts(std::size_t job, std::size_t before, std::size_t now,
                                          std::uint64_t tiles) const;
  [[nodiscard]] bool equal_steps(std::size_t one, std::size_t other) const;

  GemmBlocks blocks_;
  bool periods_;
  Cycle margin_;                         ///< more than any constant that is added to a time before it is compared
  std::vector<const DmaJob*> store_of_;  ///< per step
  Snapshot now_;
  bool recorded_ = false;         ///< now_ is the state at this look
  std::size_t compute_side_ = 0;  ///< where it begins in now_
  StepMemo memo_;
  std::array<Reference, kLoops> references_;
  std::uint64_t tiles_ = 0, remembered_tiles_ = 0;
  std::array<bool, kBlock> jumped_{};  ///< per loop over steps: the turns that are not listed, this time
  bool missed_ = false;
  bool ended_ = false;
  std::size_t step_ = 0;
  std::uint64_t block_ = 0, chunk_ = 0, lane_group_ = 0;
};

}  // namespace lnsim::fast
