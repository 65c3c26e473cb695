// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/schedule/sweep_schedule.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/waves.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::systemc {

/// What vector unit and weight-update unit have in common: they walk chunks that lie in the global buffer
/// (docs/machine.md, section 7).
class StreamUnit final : public Block<StreamUnit> {
 public:
  StreamUnit(const sc_core::sc_module_name& name, Clock& clock, const SweepSchedule& schedule,
             GlobalBufferState& buffer, std::uint64_t pipeline_cycles, std::string report_name);

  /// Cycle after the last beat of the last chunk, or ~0 before that.
  [[nodiscard]] std::uint64_t end_cycle() const {
    return chunk_ == schedule_.steps().size() ? end_ : ~std::uint64_t{0};
  }
  [[nodiscard]] std::uint64_t activity() const { return stalls_.busy_cycles(); }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);
  void watch(Timeline& timeline) { timeline_ = &timeline; }
  void add_signals(Waves& waves);

 private:
  enum Cause : unsigned { kOperands, kSpace, kDrain };
  friend class Block<StreamUnit>;
  void tick();
  unsigned start_chunk();
  void end_chunk();

  const SweepSchedule& schedule_;
  GlobalBufferState& buffer_;
  std::uint64_t pipeline_cycles_;
  std::string report_name_;
  std::size_t chunk_ = 0;
  std::uint64_t beats_left_ = 0;
  std::uint64_t claims_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t chunk_start_ = 0;
  std::uint64_t busy_behind_ = 0;  ///< the cycle after the last beat of the chunk at hand, or of the last one
  Timeline* timeline_ = nullptr;
  std::deque<std::uint64_t> finishing_;  ///< cycles in which chunks become visible to the DMA
  std::uint64_t read_words_ = 0, write_words_ = 0;
  Stalls<3> stalls_{{"operands", "space", "drain"}};
};

}  // namespace lnsim::systemc
