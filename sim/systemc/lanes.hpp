// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/data/activity_counter.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/buffer_b.hpp"
#include "sim/systemc/checker.hpp"
#include "sim/systemc/collector.hpp"
#include "sim/systemc/operand_registers.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/waves.hpp"
#include "sim/trace/actions.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::systemc {

/// The dot-product lanes of every PE: one row of B against the active bank of A vectors per cycle (docs/machine.md,
/// L1).
class DotProductLanes final : public Block<DotProductLanes> {
 public:
  /// With data, where operands come from and partial sums go to.
  struct DataPath {
    const numerics::DotUnit* unit = nullptr;
    const OperandRegisters* registers = nullptr;
    Collector* collector = nullptr;
    std::size_t a_vector_bytes = 0, b_vector_bytes = 0;
    Checker* checker = nullptr;
    FaultInjector* faults = nullptr;
  };
  DotProductLanes(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                  std::deque<PeLinks>& pes, BufferB& buffer_b, const DataPath& data);

  [[nodiscard]] std::uint64_t useful_macs() const { return useful_macs_; }
  [[nodiscard]] std::uint64_t issued_macs() const;
  [[nodiscard]] std::uint64_t activity() const { return row_vectors_; }
  [[nodiscard]] std::uint64_t busiest_pe_cycles() const;
  [[nodiscard]] std::uint64_t saturations() const { return saturations_; }
  [[nodiscard]] DataActivity data_activity() const;
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);
  /// Every tile from now on goes into the timeline.
  void watch(Timeline& timeline) { timeline_ = &timeline; }
  void add_signals(Waves& waves);

 private:
  enum Cause : unsigned { kFill, kOperandA, kOperandB, kCollector, kAccumulateLatency, kDrain };
  /// K-groups of a tile whose arithmetic follows in one go.
  static constexpr std::uint64_t kGroupsAtOnce = 16;
  struct PeState {
    PeWalk walk;
    std::uint64_t tile = 0;    ///< tile counter of the PE
    std::uint64_t group = 0;   ///< of the tile
    std::uint64_t groups = 0;  ///< issued over the pass
    std::uint64_t row = 0;
    std::uint64_t group_start = 0;
    std::uint64_t tile_start = 0;
    std::uint64_t issued_behind = 0;              ///< the cycle after the last row
    std::uint64_t taken = 0;                      ///< K-groups of the tile that wait for their arithmetic
    std::uint64_t most_rows = 0;                  ///< of a group
    std::vector<std::byte> a_rows{}, b_rows{};    ///< their operands
    std::uint64_t saturations = 0;                ///< of the tile
    std::vector<numerics::PreparedA> prepared{};  ///< of a block's lane groups and K-groups
    std::vector<numerics::Psum> before{};         ///< a group's accumulators before its arithmetic
  };

  friend class Block<DotProductLanes>;
  void tick();
  [[nodiscard]] unsigned blocked(std::size_t index) const;
  void issue(std::size_t index);
  void take_group(std::size_t index);
  void multiply_taken(std::size_t index);
  void multiply(std::size_t index, std::uint64_t group, const std::byte* a, const std::byte* b);
  [[nodiscard]] numerics::PreparedA* prepared_a(PeState& pe, std::uint64_t group) const;
  void end_tile(std::size_t index);

  const GemmSchedule& schedule_;
  std::deque<PeLinks>& pes_;
  BufferB& buffer_b_;
  std::vector<PeState> states_;
  DataPath data_;
  std::vector<ActivityCounter> activity_;  ///< per PE, with data
  std::uint64_t lanes_, vector_size_, accumulate_cycles_;
  std::uint64_t vector_macs_ = 0, gated_ = 0, row_vectors_ = 0;
  std::uint64_t useful_macs_ = 0;
  std::uint64_t saturations_ = 0;
  std::vector<Stalls<6>> stalls_;
  Timeline* timeline_ = nullptr;
};

}  // namespace lnsim::systemc
