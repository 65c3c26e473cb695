// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/buffer_a.hpp"

#include <algorithm>
#include <bit>

namespace lnsim::systemc {

BufferA::BufferA(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                 std::deque<PeLinks>& pes, std::size_t vector_bytes, FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      port_(schedule.config().accelerator.pe.a_port_vectors),
      capacity_(schedule.config().buffer_a_vectors()),
      queue_depth_(schedule.config().accelerator.queue_depth),
      vector_bytes_(vector_bytes),
      faults_(faults),
      stalls_(pes.size(), Stalls<2>({"empty", "blocked"})) {
  for (const PeLinks& links : pes_) {
    PeState state{PeWalk(schedule, links.row, links.column), {}, 0, 0, 0, 0, 0, 0, {}, {}};
    state.store =
        VectorRing(capacity_, (queue_depth_ + 1) * port_ + schedule.config().accelerator.pe.lanes, vector_bytes_);
    state.flight.resize(std::bit_ceil(queue_depth_ + 1));
    states_.push_back(std::move(state));
  }
}

void BufferA::tick() {
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

bool BufferA::receive(PeLinks& links, PeState& pe) {
  if (!links.arrive_a.valid(now())) return false;
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
  return true;
}

// B1: up to a_port vectors of one K-group.
bool BufferA::read(PeLinks& links, PeState& pe, unsigned& causes) {
  if (pe.walk.done()) {
    causes |= 1U << kEmpty;
    return false;
  }
  const PeTile& tile = pe.walk.tile();
  const std::uint64_t vectors = std::min(port_, tile.lanes - pe.lane);
  if (tile.first_chunk && pe.written.seen(now()) < pe.first_reads + vectors) {
    causes |= 1U << kEmpty;
    return false;
  }
  if (!links.lane_vectors.ready(now())) {
    causes |= 1U << kBlocked;
    return false;
  }
  if (vector_bytes_ != 0) pe.flight[pe.words_sent & (pe.flight.size() - 1)] = position(pe);
  pe.lane += vectors;
  const bool last = pe.lane == tile.lanes;
  links.lane_vectors.push(now(), {static_cast<std::uint32_t>(vectors), last});
  ++pe.words_sent;
  read_vectors_ += vectors;
  if (tile.first_chunk) pe.first_reads += vectors;
  if (tile.last_chunk) links.freed_a.add(now(), vectors);
  if (last) {
    pe.lane = 0;
    if (++pe.group == tile.groups) next_tile(pe);
  }
  return true;
}

std::uint64_t BufferA::position(const PeState& pe) {
  const PeTile& tile = pe.walk.tile();
  return pe.block_base + pe.rows_before * tile.groups + pe.group * tile.lanes + pe.lane;
}

void BufferA::next_tile(PeState& pe) {
  const PeTile& tile = pe.walk.tile();
  pe.group = 0;
  pe.rows_before = tile.last_lane_group ? 0 : pe.rows_before + tile.lanes;
  // The next block starts behind all vectors of this one.
  if (tile.last_lane_group && tile.last_chunk) pe.block_base = pe.first_reads;
  pe.walk.next();
}

void BufferA::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                     std::uint64_t cycles) {
  counts[Action::kBufferAWriteVectors] += write_vectors_;
  counts[Action::kBufferAReadVectors] += read_vectors_;
  for (Stalls<2>& pe : stalls_) pe.report(stalls["buffer_a"], cycles, kEmpty);
}

}  // namespace lnsim::systemc
