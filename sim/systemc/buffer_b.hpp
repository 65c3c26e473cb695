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

/// Buffer B of every PE: a circular store of V-element vectors. Filled in the order (K-group, row) of a chunk, read
/// once per lane group of the block as the lanes issue, freed in the last one (docs/machine.md, section 2, L1 and L2).
class BufferB final : public Block<BufferB> {
 public:
  BufferB(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
          std::size_t vector_bytes, FaultInjector* faults);

  /// True if the next row has been written (seen in cycle `now`), or there is none.
  [[nodiscard]] bool available(std::size_t pe, std::uint64_t now) const {
    const PeState& state = states_[pe];
    return state.walk.done() || !state.walk.tile().first_lane_group || state.written.seen(now) > state.first_reads;
  }
  /// The lanes take a row in cycle `now`, or do not: one of the two is called once per PE and cycle.
  void read(std::size_t pe, std::uint64_t now);
  void wait(std::size_t pe, std::uint64_t now);
  /// Copies the rows of the K-group whose last row has just been read. Only with data.
  void copy_group(std::size_t pe, std::byte* to) const {
    const PeState& state = states_[pe];
    state.store.copy(state.group_position, state.group_rows, to);
  }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kHeld, kDone };
  struct PeState {
    PeWalk walk;
    Progress written;
    std::uint64_t first_reads = 0;
    std::uint64_t chunk_base = 0;  ///< vectors written before the chunk
    std::uint64_t group = 0;
    std::uint64_t row = 0;
    std::uint64_t group_position = 0;  ///< of the K-group read last
    std::uint64_t group_rows = 0;
    VectorRing store{};
  };

  friend class Block<BufferB>;
  void tick();

  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  std::size_t vector_bytes_;
  FaultInjector* faults_;
  std::uint64_t write_vectors_ = 0;
  std::uint64_t read_vectors_ = 0;
  std::vector<Stalls<3>> stalls_;
};

}  // namespace lnsim::systemc
