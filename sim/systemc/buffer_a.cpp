// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/buffer_a.hpp"

#include <algorithm>

namespace lnsim::systemc {

BufferA::BufferA(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                 std::deque<PeLinks>& pes, std::size_t vector_bytes, FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      port_(schedule.config().accelerator.pe.a_port_vectors),
      vector_bytes_(vector_bytes),
      faults_(faults),
      stalls_(pes.size(), Stalls<3>({"empty", "held", "done"})) {
  for (PeLinks& links : pes_) {
    PeState state{PeWalk(schedule, links.row, links.column), {}, 0, 0, 0, 0, 0, 0, 0, {}};
    state.store = VectorRing(schedule.config().buffer_a_vectors(), vector_bytes_);
    states_.push_back(std::move(state));
    links.arrive_a.set_consumer(this);
  }
}

// N2: arriving words are written; reading is the operand registers' turn.
void BufferA::tick() {
  bool idle = true;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    PeLinks& links = pes_[i];
    PeState& pe = states_[i];
    if (links.arrive_a.valid(now())) {
      const OperandWord& word = links.arrive_a.front();
      if (vector_bytes_ != 0) {
        pe.store.write(pe.written.total(), word.vectors, links.arrive_a.front_payload());
        for (std::uint32_t v = 0; faults_ != nullptr && v < word.vectors; ++v) {
          faults_->touch(FaultSite::kBufferA, pe.store.at(pe.written.total() + v), vector_bytes_);
        }
      }
      pe.written.add(now(), word.vectors);
      write_vectors_ += word.vectors;
      links.arrive_a.pop(now());
    }
    idle &= links.arrive_a.empty();
  }
  if (idle) sleep();
}

// A1: up to a_port vectors of one K-group.
BufferA::Read BufferA::read(std::size_t index, std::uint64_t now, bool held) {
  PeState& pe = states_[index];
  if (pe.walk.done()) {
    stalls_[index].blocked(now, 1U << kDone);
    return {};
  }
  const PeTile& tile = pe.walk.tile();
  const std::uint64_t vectors = std::min(port_, tile.lanes - pe.lane);
  unsigned causes = held ? 1U << kHeld : 0U;
  if (tile.first_chunk && pe.written.seen(now) < pe.first_reads + vectors) causes |= 1U << kEmpty;
  if (causes != 0) {
    stalls_[index].blocked(now, causes);
    return {};
  }
  stalls_[index].busy(now);
  pe.lane += vectors;
  read_vectors_ += vectors;
  if (tile.first_chunk) pe.first_reads += vectors;
  const bool last = pe.lane == tile.lanes;
  if (last) end_group(pes_[index], pe, now);
  return {vectors, last};
}

void BufferA::end_group(PeLinks& links, PeState& pe, std::uint64_t now) {
  const PeTile& tile = pe.walk.tile();
  pe.group_position = pe.block_base + pe.rows_before * tile.groups + pe.group * tile.lanes;
  pe.group_vectors = tile.lanes;
  if (tile.last_chunk) links.freed_a.add(now, tile.lanes);  // A3
  pe.lane = 0;
  if (++pe.group < tile.groups) return;
  pe.group = 0;
  pe.rows_before = tile.last_lane_group ? 0 : pe.rows_before + tile.lanes;
  // The next block starts behind all vectors of this one.
  if (tile.last_lane_group && tile.last_chunk) pe.block_base = pe.first_reads;
  pe.walk.next();
}

void BufferA::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kBufferAWriteVectors] += write_vectors_;
  counts[Action::kBufferAReadVectors] += read_vectors_;
  for (Stalls<3>& pe : stalls_) pe.report(stalls["buffer_a"], cycles, kDone);
}

}  // namespace lnsim::systemc
