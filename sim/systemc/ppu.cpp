// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/ppu.hpp"

#include <algorithm>
#include <cstring>

namespace lnsim::systemc {

Ppu::Ppu(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
         const DataPath& data)
    : Block(name, clock),
      schedule_(schedule),
      pes_(pes),
      data_(data),
      word_bits_(schedule.link_bytes() * 8),
      stalls_(pes.size(), Stalls<3>({"collector", "network", "done"})) {
  for (PeLinks& links : pes_) {
    links.psums.set_consumer(this);
    states_.push_back({PeWalk(schedule, links.row, links.column), 0, 0});
  }
}

void Ppu::tick() {
  bool idle = true;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    PeLinks& links = pes_[i];
    if (links.psums.valid(now())) {
      const PsumWord word = take(links, states_[i]);
      stalls_[i].explain_gap(1U << (word.waited_for_ppu ? kNetwork : kCollector));
      stalls_[i].busy(now());
      send(links, states_[i], i, word.last_of_tile);
      idle = false;  // the gap after this word has not begun
    } else {
      stalls_[i].blocked(now(), 1U << (states_[i].walk.done() ? kDone : kCollector));
    }
    idle &= links.psums.empty();
  }
  if (idle) sleep();
}

// P1. The collector sends only what the PPU has room for.
PsumWord Ppu::take(PeLinks& links, PeState& pe) {
  const PsumWord word = links.psums.front();
  links.psums.pop(now());
  const bool final = pe.walk.tile().step->output == OutputTo::kStore;
  pe.pending_bits += word.psums * (final ? schedule_.config().out_bits : schedule_.config().psum_bits);
  if (final) {
    outputs_ += word.psums;
    if (schedule_.pass().statistics_channels != 0) statistics_ += word.psums;
  } else {
    partials_ += word.psums;
  }
  return word;
}

// Every link word that is whole, and what is left at the end of the tile.
void Ppu::send(PeLinks& links, PeState& pe, std::size_t index, bool end_of_tile) {
  while (pe.pending_bits >= word_bits_ || (end_of_tile && pe.pending_bits > 0)) {
    DrainWord word;
    word.last_of_tile = end_of_tile && pe.pending_bits <= word_bits_;
    pe.pending_bits -= std::min(pe.pending_bits, word_bits_);
    if (word.last_of_tile && data_.requantizer != nullptr) {
      word.payload_bytes = finish_tile(pe, index, links.outputs.back_payload());
    }
    links.outputs.push(now(), word);
  }
  if (!end_of_tile) return;
  ++pe.tile;
  pe.walk.next();
}

// Codes (or raw accumulators) of the tile, [row][lane], packed in containers.
std::uint32_t Ppu::finish_tile(const PeState& pe, std::size_t index, std::byte* payload) {
  const PeTile& tile = pe.walk.tile();
  const numerics::Psum* psums = data_.collector->drained(index, pe.tile);
  const std::uint64_t outputs = tile.outputs();
  if (tile.step->output != OutputTo::kStore) {
    std::memcpy(payload, psums, outputs * sizeof(numerics::Psum));
    return static_cast<std::uint32_t>(outputs * sizeof(numerics::Psum));
  }
  const std::uint64_t clipped = data_.requantizer->requantize({psums, outputs}, payload);
  clipped_ += clipped;
  if (data_.checker != nullptr) data_.checker->requantised(index, psums, payload, outputs, clipped);
  return static_cast<std::uint32_t>(outputs * data_.out_container_bytes);
}

void Ppu::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kPpuOutputs] += outputs_;
  counts[Action::kPpuPartials] += partials_;
  counts[Action::kPpuStatistics] += statistics_;
  for (Stalls<3>& pe : stalls_) pe.report(stalls["ppu"], cycles, kDone);
}

}  // namespace lnsim::systemc
