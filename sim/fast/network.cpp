// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/network.hpp"

#include <algorithm>

namespace lnsim::fast {

bool OutputClaims::advance() {
  bool moved = false;
  RegionSpace& space = buffer_.space_of(Region::kOut);
  for (; s_.step < schedule_.steps().size(); ++s_.step, moved = true) {
    const Step& step = schedule_.steps()[s_.step];
    if (!step.drain_claims) continue;
    const Cycle room = space.earliest_claim(step.out_claim_id, step.out_bytes);
    if (room == kUnknown) return moved;
    const Cycle cycle = std::max(s_.next, room);
    space.claim(cycle, step.out_bytes);
    s_.claimed.push_back(cycle);
    s_.next = cycle + 1;
  }
  return moved;
}

NetworkDrain::NetworkDrain(const GemmSchedule& schedule, BufferState& buffer, std::deque<Lanes>& pes,
                           OutputClaims& claims)
    : buffer_(buffer),
      pes_(pes),
      claims_(claims),
      order_(schedule),
      pack_(schedule.config(), schedule.link_bytes()),
      out_bits_(schedule.config().out_bits),
      psum_bits_(schedule.config().psum_bits) {
  const PeArrayParams& array = schedule.config().accelerator.pe_array;
  to_buffer_ = schedule.config().accelerator.network.hop_cycles * (array.rows + array.columns - 1);
}

bool NetworkDrain::advance() {
  bool moved = false;
  for (bool turned = false; !order_.done() && !turned; moved = true) {
    Collector& collector = pes_[order_.pe()].collector();
    if (collector.leaving.empty()) return moved;
    const Step& step = order_.step();
    Cycle claimed = 0;
    if (step.drain_claims && order_.index() == step.tile_base) {
      if (claims_.claimed().empty()) return moved;
      claimed = claims_.claimed().front() + 1;
      claims_.claimed().pop_front();
    }
    const Cycle drain = collector.leaving.front();
    collector.leaving.pop_front();
    const PackTimes& pack = pack_.times(order_.outputs(), step.output == OutputTo::kStore ? out_bits_ : psum_bits_);
    const Cycle there = drain + pack.first;
    if (step.drain_claims && order_.index() == step.tile_base) {
      there_ = there;
      waited_ = claimed > there;
    }
    const Cycle first = std::max({next_, there, claimed});
    const Cycle last = std::max(std::max(next_, claimed) + pack.words - 1, drain + pack.last);
    stalls_.charge(there >= claimed ? kPpu : kClaim, first - next_);
    stalls_.charge(kPpu, last - first + 1 - pack.words);
    stalls_.busy(pack.words);
    next_ = last + 1;
    link_.add(pack.words, 1 + order_.pe_row() + order_.pe_column());
    collector.left(last);
    buffer_.drained.add(last + to_buffer_);
    turn_tiles_ = turned_ ? 1 : turn_tiles_ + 1;
    turned = turned_ = order_.next();
  }
  return moved;
}

std::string NetworkDrain::state() const { return std::to_string(order_.index()) + " tiles drained"; }

void NetworkDrain::report(RunResult& result) const {
  result.counts[Action::kGlobalBufferDrainWords] += link_.words;
  result.counts[Action::kNetworkDrainWordHops] += link_.hops;
  stalls_.report(result.stalls, "network_drain", {"ppu", "claim", "done"}, result.cycles);
}

}  // namespace lnsim::fast
