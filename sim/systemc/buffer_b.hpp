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
/// once per lane group of the block, freed in the last one (docs/machine.md, section 2 and B1).
class BufferB final : public Block<BufferB> {
 public:
  BufferB(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
          std::size_t vector_bytes, FaultInjector* faults);

  /// Where the row of a word of PE i's rows channel lies; the K-group's later rows follow.
  [[nodiscard]] std::uint64_t position(std::size_t pe, std::uint64_t index_of_word) const {
    const std::vector<std::uint64_t>& flight = states_[pe].flight;
    return flight[index_of_word & (flight.size() - 1)];
  }
  /// Copies the rows of a whole K-group, whose last word has just been taken. Only with data.
  void copy_group(std::size_t pe, std::uint64_t position, std::uint64_t rows, std::byte* to) const {
    states_[pe].store.copy(position, rows, to);
  }
  void report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
              std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kBlocked };
  struct PeState {
    PeWalk walk;
    Progress written;
    std::uint64_t first_reads = 0;
    std::uint64_t chunk_base = 0;  ///< vectors written before the chunk
    std::uint64_t group = 0;
    std::uint64_t row = 0;
    std::uint64_t words_sent = 0;
    VectorRing store{};
    std::vector<std::uint64_t> flight{};  ///< position of each row that may be in the channel; a power of two
  };

  friend class Block<BufferB>;
  void tick();
  bool receive(PeLinks& links, PeState& pe);
  bool read(PeLinks& links, PeState& pe, unsigned& causes);

  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  std::uint64_t capacity_;
  std::uint64_t queue_depth_;
  std::size_t vector_bytes_;
  FaultInjector* faults_;
  std::uint64_t write_vectors_ = 0;
  std::uint64_t read_vectors_ = 0;
  std::vector<Stalls<2>> stalls_;
};

}  // namespace lnsim::systemc
