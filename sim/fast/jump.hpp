// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/fast/dma.hpp"
#include "sim/fast/global_buffer.hpp"

namespace lnsim::fast {

/// The blocks of the machine on the GEMMs of a pass.
struct GemmBlocks {
  const GemmSchedule& schedule;
  Dram& dram;
  BufferState& buffer;
  Dma& dma;
  OperandPort &a, &b;
  PreloadPort& preload;
  OutputClaims& claims;
  NetworkDrain& drain;
  std::deque<Lanes>& pes;

  void visit(StateVisitor& state) const;
};

/// Finds out that the state of the machine recurs, a period later, a few steps or a few B chunks further on, and moves
/// the machine on by whole periods (docs/machine.md, section 10).
class Jumps {
 public:
  explicit Jumps(const GemmBlocks& blocks);
  /// Looks at the machine whenever all blocks have gone on as far as they could.
  void look();

 private:
  /// A state to compare with, as Brent's method keeps it.
  struct Reference {
    Snapshot state;
    std::vector<Cycle> drained_times;
    std::uint64_t drained = 0;
    std::size_t step = 0, job = 0, part = 0;
    std::uint64_t chunk = 0;
    Cycle time = 0;
    std::array<std::uint64_t, 4> signature{};
    std::uint64_t age = 0, power = 0;  ///< looks since then, and after how many it is replaced; 0: there is none
  };
  /// What lies between two states.
  struct Period {
    Cycle cycles = 0;
    std::size_t steps = 0;
    std::uint64_t rows = 0, tiles = 0;
    bool growing = false;
  };

  [[nodiscard]] std::array<std::uint64_t, 4> signature() const;
  void record(Snapshot& state);
  void refer(Reference& reference);
  bool try_jump(Reference& reference, bool steps);
  [[nodiscard]] bool recurs(const Reference& reference, const Period& period) const;
  [[nodiscard]] Cycle floor(const Reference& reference) const;
  [[nodiscard]] std::uint64_t equal_step_periods(const Reference& reference, const Period& period) const;
  [[nodiscard]] std::uint64_t equal_chunk_periods(const Reference& reference, const Period& period) const;
  [[nodiscard]] std::uint64_t equal_parts(const Reference& reference, const Period& period) const;
  [[nodiscard]] bool equal_steps(std::size_t one, std::size_t other) const;

  GemmBlocks blocks_;
  Cycle margin_;                         ///< more than any constant that is added to a time before it is compared
  std::vector<const DmaJob*> store_of_;  ///< per step
  Snapshot now_;
  Reference step_reference_, chunk_reference_;
  std::size_t step_ = 0;
  std::uint64_t block_ = 0, chunk_ = 0;
};

}  // namespace lnsim::fast
