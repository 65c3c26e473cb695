// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/buffer_b.hpp"

#include <bit>

namespace lnsim::systemc {

BufferB::BufferB(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                 std::deque<PeLinks>& pes, std::size_t vector_bytes, FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      capacity_(schedule.config().buffer_b_vectors()),
      queue_depth_(schedule.config().accelerator.queue_depth),
      vector_bytes_(vector_bytes),
      faults_(faults),
      stalls_(pes.size(), Stalls<2>({"empty", "blocked"})) {
  for (const PeLinks& links : pes_) {
    PeState state{PeWalk(schedule, links.row, links.column), {}, 0, 0, 0, 0, 0, {}, {}};
    state.store = VectorRing(capacity_, queue_depth_ + 1 + schedule.config().accelerator.pe.hold_rows, vector_bytes_);
    state.flight.resize(std::bit_ceil(queue_depth_ + 1));
    states_.push_back(std::move(state));
  }
}

void BufferB::tick() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    unsigned causes = 0;
    bool moved = read(pes_[i], states_[i], causes);
    moved |= receive(pes_[i], states_[i]);
    if (moved) {
      stalls_[i].busy(now());
    } else {
      stalls_[i].blocked(now(), causes);
    }
  }
}

bool BufferB::receive(PeLinks& links, PeState& pe) {
  if (!links.arrive_b.valid(now())) return false;
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
  return true;
}

// B1: one vector per cycle.
bool BufferB::read(PeLinks& links, PeState& pe, unsigned& causes) {
  if (pe.walk.done()) {
    causes |= 1U << kEmpty;
    return false;
  }
  const PeTile& tile = pe.walk.tile();
  if (tile.first_lane_group && pe.written.seen(now()) <= pe.first_reads) {
    causes |= 1U << kEmpty;
    return false;
  }
  if (!links.rows.ready(now())) {
    causes |= 1U << kBlocked;
    return false;
  }
  if (vector_bytes_ != 0) {
    pe.flight[pe.words_sent & (pe.flight.size() - 1)] = pe.chunk_base + pe.group * tile.rows + pe.row;
  }
  links.rows.push(now(), {});
  ++pe.words_sent;
  ++read_vectors_;
  if (tile.first_lane_group) ++pe.first_reads;
  if (tile.last_lane_group) links.freed_b.add(now(), 1);
  if (++pe.row < tile.rows) return true;
  pe.row = 0;
  if (++pe.group < tile.groups) return true;
  pe.group = 0;
  if (tile.last_lane_group) pe.chunk_base = pe.first_reads;
  pe.walk.next();
  return true;
}

void BufferB::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                     std::uint64_t cycles) {
  counts[Action::kBufferBWriteVectors] += write_vectors_;
  counts[Action::kBufferBReadVectors] += read_vectors_;
  for (Stalls<2>& pe : stalls_) pe.report(stalls["buffer_b"], cycles, kEmpty);
}

}  // namespace lnsim::systemc
