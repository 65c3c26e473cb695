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
/// block, read once per B chunk, freed in the block's last chunk (docs/machine.md, section 2 and B1).
class BufferA final : public Block<BufferA> {
 public:
  /// vector_bytes: bytes of one vector's codes, 0 without data.
  BufferA(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
          std::size_t vector_bytes, FaultInjector* faults);

  /// Where the vectors of a word of PE i's lane_vectors channel lie; those of the group's later words follow.
  [[nodiscard]] std::uint64_t position(std::size_t pe, std::uint64_t index_of_word) const {
    const std::vector<std::uint64_t>& flight = states_[pe].flight;
    return flight[index_of_word & (flight.size() - 1)];
  }
  /// Copies the vectors of a whole K-group, whose last word has just been taken. Only with data.
  void copy_group(std::size_t pe, std::uint64_t position, std::uint64_t vectors, std::byte* to) const {
    states_[pe].store.copy(position, vectors, to);
  }
  void report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
              std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kBlocked };
  struct PeState {
    PeWalk walk;
    Progress written;               ///< vectors
    std::uint64_t first_reads = 0;  ///< vectors read for the first time so far
    std::uint64_t block_base = 0;   ///< vectors written before the block
    std::uint64_t rows_before = 0;  ///< rows of the block in earlier lane groups
    std::uint64_t group = 0;
    std::uint64_t lane = 0;  ///< next lane of the group
    std::uint64_t words_sent = 0;
    VectorRing store{};
    std::vector<std::uint64_t>
        flight{};  ///< position of the first vector of each word that may be in the channel; a power of two
  };

  friend class Block<BufferA>;
  void tick();
  bool receive(PeLinks& links, PeState& pe);
  bool read(PeLinks& links, PeState& pe, unsigned& causes);
  [[nodiscard]] static std::uint64_t position(const PeState& pe);
  void next_tile(PeState& pe);

  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  std::uint64_t port_;
  std::uint64_t capacity_;
  std::uint64_t queue_depth_;
  std::size_t vector_bytes_;
  FaultInjector* faults_;
  std::uint64_t write_vectors_ = 0;
  std::uint64_t read_vectors_ = 0;
  std::vector<Stalls<2>> stalls_;
};

}  // namespace lnsim::systemc
