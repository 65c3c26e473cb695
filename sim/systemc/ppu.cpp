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
      stalls_(pes.size(), Stalls<2>({"collector", "network"})) {
  for (PeLinks& links : pes_) {
    links.psums.set_consumer(this);
    states_.push_back({PeWalk(schedule, links.row, links.column), 0, 0, false});
  }
}

void Ppu::tick() {
  bool idle = true;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    unsigned causes = 0;
    bool moved = take(pes_[i], states_[i]);
    moved |= send(pes_[i], states_[i], i, causes);
    if (moved) {
      stalls_[i].busy(now());
    } else {
      stalls_[i].blocked(now(), causes == 0 ? 1U << kCollector : causes);
    }
    idle &= !states_[i].flush && states_[i].pending_bits < word_bits_ && pes_[i].psums.empty();
  }
  if (idle) sleep();
}

// P1: takes while less than a link word is pending and the tile before has left.
bool Ppu::take(PeLinks& links, PeState& pe) {
  if (pe.flush || pe.pending_bits >= word_bits_ || !links.psums.valid(now())) return false;
  const PsumWord word = links.psums.front();
  links.psums.pop(now());
  const bool final = pe.walk.tile().step->output == OutputTo::kStore;
  pe.pending_bits += word.psums * (final ? schedule_.config().out_bits : schedule_.config().psum_bits);
  pe.flush = word.last_of_tile;
  if (final) {
    outputs_ += word.psums;
    if (schedule_.pass().statistics_channels != 0) statistics_ += word.psums;
  } else {
    partials_ += word.psums;
  }
  return true;
}

bool Ppu::send(PeLinks& links, PeState& pe, std::size_t index, unsigned& causes) {
  if (pe.pending_bits < word_bits_ && !pe.flush) return false;
  if (!links.outputs.ready(now())) {
    causes |= 1U << kNetwork;
    return false;
  }
  const bool last = pe.flush && pe.pending_bits <= word_bits_;
  DrainWord word;
  word.last_of_tile = last;
  if (last && data_.requantizer != nullptr) word.payload_bytes = finish_tile(pe, index, links.outputs.back_payload());
  links.outputs.push(now(), word);
  pe.pending_bits -= std::min(pe.pending_bits, word_bits_);
  if (last) {
    pe.flush = false;
    ++pe.tile;
    pe.walk.next();
  }
  return true;
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

void Ppu::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                 std::uint64_t cycles) {
  counts[Action::kPpuOutputs] += outputs_;
  counts[Action::kPpuPartials] += partials_;
  counts[Action::kPpuStatistics] += statistics_;
  for (Stalls<2>& pe : stalls_) pe.report(stalls["ppu"], cycles, kCollector);
}

}  // namespace lnsim::systemc
