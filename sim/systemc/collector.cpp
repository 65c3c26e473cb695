// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/collector.hpp"

#include <algorithm>
#include <cstring>

namespace lnsim::systemc {

Collector::Collector(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                     std::deque<PeLinks>& pes, bool keep_data, FaultInjector* faults)
    : Block(name, clock),
      schedule_(schedule),
      pes_(pes),
      width_(schedule.config().accelerator.pe.ppu_width),
      lanes_(schedule.config().accelerator.pe.lanes),
      bank_psums_(lanes_ * schedule.config().accelerator.pe.hold_rows),
      keep_data_(keep_data),
      faults_(faults),
      stalls_(pes.size(), Stalls<3>({"compute", "ppu", "done"})) {
  for (PeLinks& links : pes_) {
    links.tile_done.set_consumer(this);
    links.arrive_preload.set_consumer(this);
    PeState state{PeWalk(schedule, links.row, links.column),
                  PeWalk(schedule, links.row, links.column),
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  false,
                  {},
                  {0, 0},
                  {}};
    if (keep_data) state.banks.resize(2 * bank_psums_);
    if (keep_data) state.leaving.resize(kLeaving * bank_psums_);
    states_.push_back(std::move(state));
  }
}

const numerics::Psum* Collector::bank(std::size_t pe, std::uint64_t tile) const {
  return states_[pe].banks.data() + tile % 2 * bank_psums_;
}

numerics::Psum* Collector::open_bank(std::size_t pe, std::uint64_t tile) {
  ++states_[pe].opened[tile % 2];
  return states_[pe].banks.data() + tile % 2 * bank_psums_;
}

const numerics::Psum* Collector::drained(std::size_t pe, std::uint64_t tile) const {
  return states_[pe].leaving.data() + tile % kLeaving * bank_psums_;
}

void Collector::tick() {
  bool idle = true;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    unsigned causes = 0;
    receive_preload(pes_[i], states_[i], i);
    if (drain(pes_[i], states_[i], i, causes)) {
      stalls_[i].busy(now());
      idle = false;  // the gap after this word has not begun
    } else {
      stalls_[i].blocked(now(), causes);
    }
    make_ready(pes_[i], states_[i]);
    idle &= states_[i].outputs_left == 0 && pes_[i].tile_done.empty() && pes_[i].arrive_preload.empty();
  }
  if (idle) sleep();
}

// Partial sums of a tile travel packed; the last word carries them all in this model's data.
void Collector::receive_preload(PeLinks& links, PeState& pe, std::size_t index) {
  if (!links.arrive_preload.valid(now())) return;
  const PreloadWord word = links.arrive_preload.front();
  if (word.last_of_tile) {
    while (pe.preloaded < word.tile) ++pe.preloaded;  // tiles between that start from zero
    ++pe.preloaded;
    const std::uint64_t outputs = pe.ready_walk.tile().outputs();
    preloads_ += outputs;
    if (keep_data_) {
      const PeTile& tile = pe.ready_walk.tile();
      numerics::Psum* to = open_bank(index, word.tile);
      const std::byte* from = links.arrive_preload.front_payload();
      for (std::uint64_t row = 0; row < tile.rows; ++row) {
        std::memcpy(static_cast<void*>(to + row * lanes_), from + row * tile.lanes * sizeof(numerics::Psum),
                    tile.lanes * sizeof(numerics::Psum));
      }
    }
  }
  links.arrive_preload.pop(now());
}

// C1, C2.
bool Collector::drain(PeLinks& links, PeState& pe, std::size_t index, unsigned& causes) {
  if (pe.outputs_left == 0) {
    if (pe.drain_walk.done()) causes |= 1U << kDone;
    if (causes == 0 && !links.tile_done.valid(now())) causes |= 1U << kCompute;
    if (links.tiles_sent.seen(now()) + 2 <= pe.drained) causes |= 1U << kPpu;
    if (causes != 0) {
      pe.waited_for_ppu = causes == 1U << kPpu;
      return false;
    }
    links.tile_done.pop(now());
    const PeTile& tile = pe.drain_walk.tile();
    pe.outputs_left = tile.outputs();
    pe.drain_start = now();
    accumulates_ += tile.outputs() * tile.groups;
    if (keep_data_ && faults_ != nullptr) {
      faults_->touch(FaultSite::kCollector, reinterpret_cast<std::byte*>(open_bank(index, pe.drained)),
                     sizeof(numerics::Psum));
      if (faults_->due(FaultSite::kSwapTiles)) {
        std::swap_ranges(open_bank(index, 0), open_bank(index, 0) + bank_psums_, open_bank(index, 1));
      }
    }
    if (keep_data_) {
      numerics::Psum* to = pe.leaving.data() + pe.drained % kLeaving * bank_psums_;
      for (std::uint64_t row = 0; row < tile.rows; ++row) {
        std::copy_n(bank(index, pe.drained) + row * lanes_, tile.lanes, to + row * tile.lanes);
      }
    }
  }
  const std::uint64_t psums = std::min(width_, pe.outputs_left);
  pe.outputs_left -= psums;
  drains_ += psums;
  pe.drained_behind = now() + 1;
  links.psums.push(now(), {static_cast<std::uint32_t>(psums), pe.outputs_left == 0, pe.waited_for_ppu});
  pe.waited_for_ppu = false;
  if (pe.outputs_left == 0) {
    if (timeline_ != nullptr) timeline_->add({TimelineTrack::kCollector, index, pe.drain_start, now() + 1, pe.drained});
    ++pe.drained;
    links.tiles_drained.add(now(), 1);
    pe.drain_walk.next();
  }
  return true;
}

// C3.
void Collector::make_ready(PeLinks& links, PeState& pe) {
  while (!pe.ready_walk.done() && pe.ready < pe.drained + 2) {
    const bool continued = pe.ready_walk.tile().step->preload != PreloadFrom::kNone;
    if (continued && pe.preloaded <= pe.ready) return;
    links.banks_ready.add(now(), 1);
    ++pe.ready;
    pe.ready_walk.next();
  }
}

void Collector::add_signals(Waves& waves) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const std::string module = "collector.pe" + std::to_string(i);
    waves.add(module, "drain", 1, [this, i](std::uint64_t cycle) { return states_[i].drained_behind == cycle + 1; });
    waves.add(module, "drained", 32, [this, i](std::uint64_t) { return states_[i].drained; });
    waves.add(module, "outputs_left", 32, [this, i](std::uint64_t) { return states_[i].outputs_left; });
    waves.add(module, "banks_ready", 32, [this, i](std::uint64_t) { return states_[i].ready; });
    waves.add("ppu.pe" + std::to_string(i), "tiles_sent", 32,
              [this, i](std::uint64_t) { return pes_[i].tiles_sent.total(); });
  }
}

void Collector::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kCollectorAccumulates] += accumulates_;
  counts[Action::kCollectorDrains] += drains_;
  counts[Action::kCollectorPreloads] += preloads_;
  for (Stalls<3>& pe : stalls_) pe.report(stalls["collector"], cycles, kDone);
}

}  // namespace lnsim::systemc
