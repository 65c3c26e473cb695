// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/network.hpp"

#include <algorithm>
#include <cstring>

#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

Network::Network(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                 const RegionSpace& outputs, Links links, std::deque<PeLinks>& pes, PayloadBytes payload)
    : Block(name, clock),
      schedule_(schedule),
      outputs_(outputs),
      links_(links),
      pes_(pes),
      payload_(payload),
      drain_walk_(schedule) {}

void Network::tick() {
  deliver_a();
  deliver_b();
  deliver_preload();
  const unsigned causes = collect();
  if (causes == 0) {
    drain_stalls_.busy(now());
  } else {
    drain_stalls_.blocked(now(), causes);
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

// N1, N2: to all PEs of the group at once.
void Network::deliver_a() {
  const bool direct = links_.a.valid(now());
  const bool turned = links_.a_transposed.valid(now());
  if (!direct && !turned) return a_stalls_.blocked(now(), 1U << kEmpty);
  LNSIM_CHECK(direct != turned, "two words on one link");
  Channel<OperandWord>& in = direct ? links_.a : links_.a_transposed;
  const OperandWord word = in.front();
  const bool one_pe = pes_.size() == 1;
  std::uint64_t hops = 0;  // of the multicast tree: its farthest PE
  for (PeLinks& pe : pes_) {
    if (!one_pe && !a_works(word, pe)) continue;
    if (payload_.a != 0) copy_vector(pe.arrive_a.back_payload(), in.front_payload(), payload_.a);
    pe.arrive_a.push(now(), word);
    hops = std::max(hops, pe.hops);
  }
  a_hops_ += hops;
  in.pop(now());
  a_stalls_.busy(now());
}

void Network::deliver_b() {
  const bool direct = links_.b.valid(now());
  const bool turned = links_.b_transposed.valid(now());
  if (!direct && !turned) return b_stalls_.blocked(now(), 1U << kEmpty);
  LNSIM_CHECK(direct != turned, "two words on one link");
  Channel<OperandWord>& in = direct ? links_.b : links_.b_transposed;
  const OperandWord word = in.front();
  const bool one_pe = pes_.size() == 1;
  std::uint64_t hops = 0;
  for (PeLinks& pe : pes_) {
    if (!one_pe && !b_works(word, pe)) continue;
    if (payload_.b != 0) copy_vector(pe.arrive_b.back_payload(), in.front_payload(), payload_.b);
    pe.arrive_b.push(now(), word);
    hops = std::max(hops, pe.hops);
  }
  b_hops_ += hops;
  in.pop(now());
  b_stalls_.busy(now());
}

void Network::deliver_preload() {
  if (!links_.preload.valid(now())) return preload_stalls_.blocked(now(), 1U << kEmpty);
  const PreloadWord word = links_.preload.front();
  PeLinks& pe = pes_[word.pe];
  if (word.payload_bytes != 0) {
    std::memcpy(pe.arrive_preload.back_payload(), links_.preload.front_payload(), word.payload_bytes);
  }
  pe.arrive_preload.push(now(), word);
  links_.preload.pop(now());
  preload_hops_ += pe.hops;
  preload_stalls_.busy(now());
}

// N3: words of the PE whose tile is next in drain order. The way back is equally long for all PEs.
unsigned Network::collect() {
  if (drain_walk_.done()) return 1U << kDone;
  PeLinks& pe = pes_[drain_walk_.pe()];
  const PeTile& tile = drain_walk_.tile();
  const bool first_of_step = !tile_started_ && drain_walk_.index() == tile.step->tile_base;
  unsigned causes = 0;
  if (!pe.outputs.valid(now())) causes |= 1U << kPpu;
  if (first_of_step && tile.step->drain_claims && outputs_.claims.seen(now()) <= tile.step->out_claim_id) {
    causes |= 1U << kClaim;
  }
  if (causes != 0) return causes;
  const DrainWord word = pe.outputs.front();
  tile_started_ = true;
  if (word.payload_bytes != 0) {
    std::memcpy(links_.drain.back_payload(), pe.outputs.front_payload(), word.payload_bytes);
  }
  links_.drain.push(now(), word);
  pe.outputs.pop(now());
  drain_hops_ += pe.hops;
  if (word.last_of_tile) {
    pe.tiles_sent.add(now(), 1);
    drain_walk_.next();
    tile_started_ = false;
  }
  return 0;
}

void Network::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kNetworkAWordHops] += a_hops_;
  counts[Action::kNetworkBWordHops] += b_hops_;
  counts[Action::kNetworkPreloadWordHops] += preload_hops_;
  counts[Action::kNetworkDrainWordHops] += drain_hops_;
  for (Stalls<1>* link : {&a_stalls_, &b_stalls_, &preload_stalls_}) link->report(stalls["network"], cycles, kEmpty);
  drain_stalls_.report(stalls["network_drain"], cycles, kDone);
}

}  // namespace lnsim::systemc
