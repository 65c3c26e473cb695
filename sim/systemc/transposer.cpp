// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/transposer.hpp"

#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

Transposer::Transposer(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, Stream a,
                       Stream b, std::size_t a_payload_bytes, std::size_t b_payload_bytes)
    : Block(name, clock),
      a_{a, a_payload_bytes, {0, 0}, std::vector<std::vector<Stored>>(2)},
      b_{b, b_payload_bytes, {0, 0}, std::vector<std::vector<Stored>>(2)},
      a_walk_(schedule),
      b_walk_(schedule),
      word_cycles_(schedule.transposed_word_cycles()) {
  skip_direct(a_walk_);
  skip_direct(b_walk_);
  a.in.set_consumer(this);
  b.in.set_consumer(this);
}

// Units that lie contiguous along k bypass the transposer.
template <class Walk>
void Transposer::skip_direct(Walk& walk) {
  while (!walk.done() && !walk.unit().transposed) walk.next();
}

void Transposer::tick() {
  send(a_);
  send(b_);
  receive(a_, a_walk_);
  receive(b_, b_walk_);
  if (idle(a_) && idle(b_)) sleep();
}

bool Transposer::idle(const Side& side) { return side.units_in == side.units_out && side.stream.in.empty(); }

template <class Walk>
void Transposer::receive(Side& side, Walk& walk) {
  if (!side.stream.in.valid(now())) return;
  LNSIM_CHECK(side.units_in < side.units_out + 2, "a unit enters a transposer whose banks are both in use");
  const std::size_t bank = side.units_in % 2;
  if (side.words_in == 0) {
    side.unit_words[bank] = walk.unit().words;
    if (side.banks[bank].size() < walk.unit().words) side.banks[bank].resize(walk.unit().words);
  }
  Stored& stored = side.banks[bank][side.words_in];
  stored.word = side.stream.in.front();
  if (side.payload_bytes != 0) {
    const std::byte* payload = side.stream.in.front_payload();
    stored.payload.resize(side.payload_bytes);
    copy_vector(stored.payload.data(), payload, side.payload_bytes);
  }
  side.vectors += stored.word.vectors;
  side.stream.in.pop(now());
  if (++side.words_in < side.unit_words[bank]) return;
  side.words_in = 0;
  ++side.units_in;
  side.out_from = std::max(side.out_from, now() + 1);
  walk.next();
  skip_direct(walk);
}

void Transposer::send(Side& side) {
  if (side.units_out == side.units_in || now() < side.out_from) {
    side.stalls.blocked(now(), 1U << kEmpty);
    return;
  }
  const std::size_t bank = side.units_out % 2;
  const Stored& stored = side.banks[bank][side.words_out];
  if (side.payload_bytes != 0) copy_vector(side.stream.out.back_payload(), stored.payload.data(), side.payload_bytes);
  side.stream.out.push(now(), stored.word);
  side.stalls.busy(now());
  side.out_from = now() + word_cycles_;
  if (++side.words_out == side.unit_words[bank]) {
    side.words_out = 0;
    ++side.units_out;
  }
}

void Transposer::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kTransposerAVectors] += a_.vectors;
  counts[Action::kTransposerBVectors] += b_.vectors;
  a_.stalls.report(stalls["transposer"], cycles, kEmpty);
  b_.stalls.report(stalls["transposer"], cycles, kEmpty);
}

}  // namespace lnsim::systemc
