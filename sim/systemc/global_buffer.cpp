// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/global_buffer.hpp"

#include <algorithm>

namespace lnsim::systemc {

GlobalBuffer::GlobalBuffer(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                           GlobalBufferState& state, std::deque<PeLinks>& pes, Links links, DataPlane* data)
    : Block(name, clock),
      schedule_(schedule),
      state_(state),
      pes_(pes),
      links_(links),
      data_(data),
      a_(schedule, Region::kA, state, pes, links.a, links.a_transposer, data),
      b_(schedule, Region::kB, state, pes, links.b, links.b_transposer, data),
      preload_walk_(schedule),
      preload_tile_of_pe_(pes.size(), 0) {
  for (const Step& step : schedule.steps()) has_preload_ |= step.preload != PreloadFrom::kNone;
  if (has_preload_) next_preload_tile();
}

void GlobalBuffer::tick() {
  a_.tick(now());
  b_.tick(now());
  claim_outputs();
  write_drained();
  if (!has_preload_) return;
  const unsigned causes = read_preload();
  if (causes == 0) {
    preload_stalls_.busy(now());
  } else {
    preload_stalls_.blocked(now(), causes);
  }
}

// N4.
void GlobalBuffer::claim_outputs() {
  const std::vector<Step>& steps = schedule_.steps();
  while (claim_step_ < steps.size() && !steps[claim_step_].drain_claims) ++claim_step_;
  if (claim_step_ == steps.size()) return;
  const Step& step = steps[claim_step_];
  RegionSpace& space = state_.space[static_cast<std::size_t>(Region::kOut)];
  if (!space.can_claim(now(), step.out_claim_id, step.out_bytes)) return;
  space.claim(now(), step.out_bytes);
  ++claim_step_;
}

// N3.
void GlobalBuffer::write_drained() {
  if (!links_.drain.valid(now())) return;
  const DrainWord word = links_.drain.front();
  if (data_ != nullptr && word.last_of_tile) data_->write_drained(links_.drain.front_payload());
  links_.drain.pop(now());
  ++drain_words_;
  if (word.last_of_tile) state_.drained.add(now(), 1);
}

// N5: a tile is read once its partial sums are in the buffer and the PE's bank is free.
unsigned GlobalBuffer::read_preload() {
  if (preload_walk_.done()) return 1U << kDone;
  const PeTile& tile = preload_walk_.tile();
  const std::size_t pe = preload_walk_.pe();
  if (preload_words_left_ == 0) {
    unsigned causes = 0;
    if (!sums_there(tile)) causes |= 1U << kSums;
    if (pes_[pe].tiles_drained.seen(now()) + 2 <= preload_tile_of_pe_[pe]) causes |= 1U << kCredit;  // C3
    if (causes != 0) return causes;
    preload_words_left_ = ceil_div(tile.outputs() * schedule_.config().psum_bits, schedule_.link_bytes() * 8);
  }
  const bool last = --preload_words_left_ == 0;
  PreloadWord word{static_cast<std::uint32_t>(pe), preload_tile_of_pe_[pe], last, 0};
  if (data_ != nullptr && last) word.payload_bytes = data_->read_preload(tile, links_.preload.back_payload());
  links_.preload.push(now(), word);
  ++preload_words_;
  if (last) {
    ++preload_tile_of_pe_[pe];
    preload_walk_.next();
    next_preload_tile();
  }
  return 0;
}

bool GlobalBuffer::sums_there(const PeTile& tile) const {
  const Step& step = *tile.step;
  if (step.preload == PreloadFrom::kDram) {
    return state_.filled[static_cast<std::size_t>(Region::kOut)].seen(now()) >= step.out_word_base + step.reload_words;
  }
  const std::uint64_t within = preload_walk_.index() - step.tile_base;
  return state_.drained.seen(now()) > schedule_.steps()[tile.step_index - 1].tile_base + within;
}

// Passes over tiles that start from zero.
void GlobalBuffer::next_preload_tile() {
  while (!preload_walk_.done() && preload_walk_.tile().step->preload == PreloadFrom::kNone) {
    ++preload_tile_of_pe_[preload_walk_.pe()];
    preload_walk_.next();
  }
}

void GlobalBuffer::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kGlobalBufferAWords] += a_.words();
  counts[Action::kGlobalBufferBWords] += b_.words();
  counts[Action::kGlobalBufferDrainWords] += drain_words_;
  counts[Action::kGlobalBufferPreloadWords] += preload_words_;
  a_.report(stalls, cycles);
  b_.report(stalls, cycles);
  preload_stalls_.report(stalls["global_buffer_preload"], cycles, kDone);
}

}  // namespace lnsim::systemc
