// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/systemc/block.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/vector_ring.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Buffer A of every PE: a circular store of V-element vectors. Filled in the order (lane group, K-group, lane) of a
/// block, read once per B chunk into the operand registers, freed in the block's last chunk (docs/machine.md, section
/// 2, A1 and A3).
class BufferA final : public Block<BufferA> {
 public:
  /// vector_bytes: bytes of one vector's codes, 0 without data.
  BufferA(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
          std::size_t vector_bytes, FaultInjector* faults);

  /// What the port of a PE read in a cycle.
  struct Read {
    std::uint64_t vectors = 0;  ///< 0: nothing
    bool last_of_group = false;
  };
  /// The operand registers' request in cycle `now`; held: their shadow bank cannot take anything. To be called once per
  /// PE and cycle.
  Read read(std::size_t pe, std::uint64_t now, bool held);
  /// Copies the vectors of the K-group whose last word has just been read. Only with data.
  void copy_group(std::size_t pe, std::byte* to) const {
    const PeState& state = states_[pe];
    state.store.copy(state.group_position, state.group_vectors, to);
  }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kHeld, kDone };
  struct PeState {
    PeWalk walk;
    Progress written;               ///< vectors
    std::uint64_t first_reads = 0;  ///< vectors read for the first time so far
    std::uint64_t block_base = 0;   ///< vectors written before the block
    std::uint64_t rows_before = 0;  ///< rows of the block in earlier lane groups
    std::uint64_t group = 0;
    std::uint64_t lane = 0;            ///< next lane of the group
    std::uint64_t group_position = 0;  ///< of the K-group read last
    std::uint64_t group_vectors = 0;
    VectorRing store{};
  };

  friend class Block<BufferA>;
  void tick();
  void end_group(PeLinks& links, PeState& pe, std::uint64_t now);

  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  std::uint64_t port_;
  std::size_t vector_bytes_;
  FaultInjector* faults_;
  std::uint64_t write_vectors_ = 0;
  std::uint64_t read_vectors_ = 0;
  std::vector<Stalls<3>> stalls_;
};

}  // namespace lnsim::systemc
