// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/buffer_b.hpp"

namespace lnsim::systemc {

BufferB::BufferB(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                 std::deque<PeLinks>& pes, std::size_t vector_bytes, FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      vector_bytes_(vector_bytes),
      faults_(faults),
      stalls_(pes.size(), Stalls<3>({"empty", "held", "done"})) {
  for (PeLinks& links : pes_) {
    PeState state{PeWalk(schedule, links.row, links.column), {}, 0, 0, 0, 0, 0, 0, {}};
    state.store = VectorRing(schedule.config().buffer_b_vectors(), vector_bytes_);
    states_.push_back(std::move(state));
    links.arrive_b.set_consumer(this);
  }
}

// N2.
void BufferB::tick() {
  bool idle = true;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    PeLinks& links = pes_[i];
    PeState& pe = states_[i];
    if (links.arrive_b.valid(now())) {
      const OperandWord& word = links.arrive_b.front();
      if (vector_bytes_ != 0) {
        pe.store.write(pe.written.total(), word.vectors, links.arrive_b.front_payload());
        for (std::uint32_t v = 0; faults_ != nullptr && v < word.vectors; ++v) {
          faults_->touch(FaultSite::kBufferB, pe.store.at(pe.written.total() + v), vector_bytes_);
        }
      }
      pe.written.add(now(), word.vectors);
      write_vectors_ += word.vectors;
      links.arrive_b.pop(now());
    }
    idle &= links.arrive_b.empty();
  }
  if (idle) sleep();
}

void BufferB::read(std::size_t index, std::uint64_t now) {
  PeState& pe = states_[index];
  const PeTile& tile = pe.walk.tile();
  stalls_[index].busy(now);
  ++read_vectors_;
  if (tile.first_lane_group) ++pe.first_reads;
  if (++pe.row < tile.rows) return;
  pe.group_position = pe.chunk_base + pe.group * tile.rows;
  pe.group_rows = tile.rows;
  if (tile.last_lane_group) pes_[index].freed_b.add(now, tile.rows);  // L2
  pe.row = 0;
  if (++pe.group < tile.groups) return;
  pe.group = 0;
  if (tile.last_lane_group) pe.chunk_base = pe.first_reads;
  pe.walk.next();
}

void BufferB::wait(std::size_t index, std::uint64_t now) {
  const unsigned cause = states_[index].walk.done() ? kDone : available(index, now) ? kHeld : kEmpty;
  stalls_[index].blocked(now, 1U << cause);
}

void BufferB::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kBufferBWriteVectors] += write_vectors_;
  counts[Action::kBufferBReadVectors] += read_vectors_;
  for (Stalls<3>& pe : stalls_) pe.report(stalls["buffer_b"], cycles, kDone);
}

}  // namespace lnsim::systemc
