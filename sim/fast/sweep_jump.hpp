// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/dma.hpp"
#include "sim/fast/stream_unit.hpp"

namespace lnsim::fast {

/// The blocks of the machine on the sweeps of a pass.
struct SweepBlocks {
  const SweepSchedule& schedule;
  Dram& dram;
  BufferState& buffer;
  Dma& dma;
  StreamUnit& unit;

  /// Forgets what came so early that it decides nothing any more.
  void forget_past() const;
  void visit(StateVisitor& state) const;
};

/// Moves the machine on by the chunks that a short schedule leaves out, once its state recurs among those that are
/// alike (docs/machine.md, section 10).
class SweepJumps {
 public:
  explicit SweepJumps(const SweepBlocks& blocks) : blocks_(blocks) {}
  /// Looks at the machine whenever all blocks have gone on as far as they could.
  void look();
  /// All chunks that were left out have been jumped over.
  [[nodiscard]] bool complete() const { return stretch_ == blocks_.schedule.stretches().size(); }

 private:
  [[nodiscard]] bool within(std::size_t chunk) const;
  [[nodiscard]] bool stores() const;
  [[nodiscard]] bool blocks_within() const;
  [[nodiscard]] bool recurs(Cycle period) const;
  void refer();

  SweepBlocks blocks_;
  std::size_t stretch_ = 0;  ///< the next
  std::size_t chunk_ = 0;    ///< at the last look
  // The state that is compared with, as Brent's method keeps it.
  Snapshot before_, now_;
  DrainedTiles::Mark drained_;
  std::size_t before_chunk_ = 0;
  std::uint32_t before_step_ = 0;  ///< of the DMA
  Cycle before_time_ = 0;
  std::uint64_t age_ = 0, power_ = 0;
};

}  // namespace lnsim::fast
