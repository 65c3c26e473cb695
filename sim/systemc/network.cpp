// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/network.hpp"

#include <algorithm>
#include <cstring>

#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

Network::Network(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, Links links,
                 std::deque<PeLinks>& pes, PayloadBytes payload)
    : Block(name, clock),
      schedule_(schedule),
      links_(links),
      pes_(pes),
      payload_(payload),
      a_walk_(schedule),
      b_walk_(schedule),
      a_words_left_(a_walk_.done() ? 0 : a_walk_.unit().words),
      b_words_left_(b_walk_.done() ? 0 : b_walk_.unit().words),
      injected_a_(pes.size(), 0),
      injected_b_(pes.size(), 0),
      capacity_a_(schedule.config().buffer_a_vectors()),
      capacity_b_(schedule.config().buffer_b_vectors()),
      drain_walk_(schedule) {}

void Network::tick() {
  unsigned causes = 0;
  bool moved = deliver_a(causes);
  moved |= deliver_b(causes);
  moved |= deliver_preload(causes);
  moved |= collect(causes);
  if (moved) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), causes == 0 ? 1U << kEmpty : causes);
  }
}

// A PE works on an A word if it is in the word's row and its column has rows of B in the step.
bool Network::a_works(const OperandWord& word, const PeLinks& pe) const {
  if (pe.row != word.target) return false;
  const Step& step = schedule_.steps()[word.step];
  return schedule_.shape(step).b_rows(step, pe.column) > 0;
}

// B goes down a column to the PEs whose slice of A has that block.
bool Network::b_works(const OperandWord& word, const PeLinks& pe) const {
  if (pe.column != word.target) return false;
  const Step& step = schedule_.steps()[word.step];
  const StepShape shape = schedule_.shape(step);
  return shape.a_rows(step, pe.row) > word.block * shape.block;
}

// N1, N2: all PEs of the group or none.
bool Network::deliver_a(unsigned& causes) {
  if (a_walk_.done()) return false;
  Channel<OperandWord>& in = a_walk_.unit().transposed ? links_.a_transposed : links_.a;
  if (!in.valid(now())) return false;
  const OperandWord word = in.front();
  const bool one_pe = pes_.size() == 1;
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    if (!one_pe && !a_works(word, pes_[i])) continue;
    if (injected_a_[i] + word.vectors - pes_[i].freed_a.seen(now()) > capacity_a_) {
      causes |= 1U << kBlocked;
      return false;
    }
  }
  std::uint64_t hops = 0;  // of the multicast tree: its farthest PE
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    if (!one_pe && !a_works(word, pes_[i])) continue;
    injected_a_[i] += word.vectors;
    if (payload_.a != 0) copy_vector(pes_[i].arrive_a.back_payload(), in.front_payload(), payload_.a);
    pes_[i].arrive_a.push(now(), word);
    hops = std::max(hops, pes_[i].hops);
  }
  a_hops_ += hops;
  in.pop(now());
  if (--a_words_left_ == 0) {
    a_walk_.next();
    if (!a_walk_.done()) a_words_left_ = a_walk_.unit().words;
  }
  return true;
}

bool Network::deliver_b(unsigned& causes) {
  if (b_walk_.done()) return false;
  Channel<OperandWord>& in = b_walk_.unit().transposed ? links_.b_transposed : links_.b;
  if (!in.valid(now())) return false;
  const OperandWord word = in.front();
  const bool one_pe = pes_.size() == 1;
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    if (!one_pe && !b_works(word, pes_[i])) continue;
    if (injected_b_[i] + word.vectors - pes_[i].freed_b.seen(now()) > capacity_b_) {
      causes |= 1U << kBlocked;
      return false;
    }
  }
  std::uint64_t hops = 0;  // of the multicast tree: its farthest PE
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    if (!one_pe && !b_works(word, pes_[i])) continue;
    injected_b_[i] += word.vectors;
    if (payload_.b != 0) copy_vector(pes_[i].arrive_b.back_payload(), in.front_payload(), payload_.b);
    pes_[i].arrive_b.push(now(), word);
    hops = std::max(hops, pes_[i].hops);
  }
  b_hops_ += hops;
  in.pop(now());
  if (--b_words_left_ == 0) {
    b_walk_.next();
    if (!b_walk_.done()) b_words_left_ = b_walk_.unit().words;
  }
  return true;
}

// N4: the bank of tile t is free when tile t - 2 has drained.
bool Network::deliver_preload(unsigned& causes) {
  if (!links_.preload.valid(now())) return false;
  const PreloadWord word = links_.preload.front();
  PeLinks& pe = pes_[word.pe];
  if (pe.tiles_drained.seen(now()) + 2 <= word.tile) {
    causes |= 1U << kBlocked;
    return false;
  }
  if (word.payload_bytes != 0) {
    std::memcpy(pe.arrive_preload.back_payload(), links_.preload.front_payload(), word.payload_bytes);
  }
  pe.arrive_preload.push(now(), word);
  links_.preload.pop(now());
  preload_hops_ += pe.hops;
  return true;
}

// N3: words of the PE whose tile is next in drain order.
bool Network::collect(unsigned& causes) {
  if (drain_walk_.done()) return false;
  PeLinks& pe = pes_[drain_walk_.pe()];
  if (!pe.outputs.valid(now())) return false;
  if (!links_.drain.ready(now())) {
    causes |= 1U << kBlocked;
    return false;
  }
  DrainWord word = pe.outputs.front();
  const PeTile& tile = drain_walk_.tile();
  word.step = tile.step_index;
  word.first_of_step = !tile_started_ && drain_walk_.index() == tile.step->tile_base;
  tile_started_ = true;
  if (word.payload_bytes != 0) {
    std::memcpy(links_.drain.back_payload(), pe.outputs.front_payload(), word.payload_bytes);
  }
  links_.drain.push_later(now(), word, (pe.hops - 1) * schedule_.config().accelerator.network.hop_cycles);
  pe.outputs.pop(now());
  drain_hops_ += pe.hops;
  if (word.last_of_tile) {
    drain_walk_.next();
    tile_started_ = false;
  }
  return true;
}

void Network::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                     std::uint64_t cycles) {
  counts[Action::kNetworkAWordHops] += a_hops_;
  counts[Action::kNetworkBWordHops] += b_hops_;
  counts[Action::kNetworkPreloadWordHops] += preload_hops_;
  counts[Action::kNetworkDrainWordHops] += drain_hops_;
  stalls_.report(stalls["network"], cycles, kEmpty);
}

}  // namespace lnsim::systemc
