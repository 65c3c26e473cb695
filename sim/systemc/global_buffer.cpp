// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/global_buffer.hpp"

#include <algorithm>

namespace lnsim::systemc {

template <class Walk>
typename OperandReader<Walk>::Result OperandReader<Walk>::tick(std::uint64_t now) {
  if (walk_.done()) return Result::kDone;
  const Unit& unit = walk_.unit();
  if (!started_) {
    const Step& step = *unit.step;
    const bool a = region_ == Region::kA;
    const LoadPlan& plan = a ? *step.a : *step.b;
    const std::uint64_t base = a ? step.a_word_base : step.b_word_base;
    const std::uint64_t need = base + plan.need(unit.row, unit.row + unit.vectors);
    if (state_.filled[static_cast<std::size_t>(region_)].seen(now) < need) return Result::kEmpty;
    started_ = true;
    word_ = 0;
    sent_vectors_ = 0;
  }
  Channel<OperandWord>& out = unit.transposed ? transposer_ : direct_;
  if (!out.ready(now)) return Result::kBlocked;
  send(now, out);
  return Result::kMoved;
}

template <class Walk>
void OperandReader<Walk>::send(std::uint64_t now, Channel<OperandWord>& out) {
  const Unit& unit = walk_.unit();
  ++word_;
  ++words_;
  // Vectors whose last bit is in this word: whole vectors per word, or one vector over several words.
  const std::uint64_t upto =
      vectors_per_word_ == 0 ? word_ / (unit.words / unit.vectors) : std::min(unit.vectors, word_ * vectors_per_word_);
  const std::uint64_t vectors = upto - sent_vectors_;
  if (data_ != nullptr && vectors > 0) data_->gather(region_, unit, sent_vectors_, vectors, out.back_payload());
  sent_vectors_ = upto;
  out.push(now, {static_cast<std::uint32_t>(vectors), unit.step_index, static_cast<std::uint32_t>(unit.target),
                 static_cast<std::uint32_t>(unit.block)});
  if (word_ < unit.words) return;
  const Step& step = *unit.step;
  if (unit.last_of_tile) {
    const bool a = region_ == Region::kA;
    if (a ? step.free_a : step.free_b) {
      state_.space[static_cast<std::size_t>(region_)].freed.add(now, a ? step.a->bytes : step.b->bytes);
      if (data_ != nullptr) data_->release(region_);
    }
  }
  walk_.next();
  started_ = false;
}

GlobalBuffer::GlobalBuffer(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                           GlobalBufferState& state, Links links, DataPlane* data)
    : Block(name, clock),
      schedule_(schedule),
      state_(state),
      links_(links),
      data_(data),
      a_(schedule, Region::kA, schedule.config().vector_bytes(schedule.config().a_bits), state, links.a,
         links.a_transposer, data),
      b_(schedule, Region::kB, schedule.config().vector_bytes(schedule.config().b_bits), state, links.b,
         links.b_transposer, data),
      preload_walk_(schedule),
      preload_tile_of_pe_(schedule.config().accelerator.pes(), 0) {
  for (const Step& step : schedule.steps()) has_preload_ |= step.preload != PreloadFrom::kNone;
  if (has_preload_) next_preload_tile();
}

void GlobalBuffer::tick() {
  using Result = OperandReader<AUnitWalk>::Result;
  const auto a = a_.tick(now());
  const auto b = b_.tick(now());
  unsigned causes = 0;
  bool moved = a == Result::kMoved || b == OperandReader<BUnitWalk>::Result::kMoved;
  if (a == Result::kEmpty || b == OperandReader<BUnitWalk>::Result::kEmpty) causes |= 1U << kEmpty;
  if (a == Result::kBlocked || b == OperandReader<BUnitWalk>::Result::kBlocked) causes |= 1U << kBlocked;
  moved |= write_drained();
  if (has_preload_) moved |= read_preload(causes);
  if (moved) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), causes == 0 ? 1U << kEmpty : causes);
  }
}

// G4.
bool GlobalBuffer::write_drained() {
  if (!links_.drain.valid(now())) return false;
  const DrainWord word = links_.drain.front();
  const Step& step = schedule_.steps()[word.step];
  if (word.first_of_step && step.drain_claims && !claimed_) {
    RegionSpace& space = state_.space[static_cast<std::size_t>(Region::kOut)];
    if (!space.can_claim(now(), step.out_claim_id, step.out_bytes)) return false;
    space.claim(now(), step.out_bytes);
    claimed_ = true;
  }
  if (data_ != nullptr && word.last_of_tile) data_->write_drained(links_.drain.front_payload());
  links_.drain.pop(now());
  ++drain_words_;
  if (word.last_of_tile) {
    state_.drained.add(now(), 1);
    claimed_ = false;
  }
  return true;
}

// N4: a tile is sent once its partial sums are in the buffer.
bool GlobalBuffer::read_preload(unsigned& causes) {
  if (preload_walk_.done()) return false;
  const PeTile& tile = preload_walk_.tile();
  const Step& step = *tile.step;
  if (!preload_started_) {
    const bool resident = step.preload == PreloadFrom::kResident;
    const bool there = resident ? state_.drained.seen(now()) > schedule_.steps()[tile.step_index - 1].tile_base +
                                                                   (preload_walk_.index() - step.tile_base)
                                : state_.filled[static_cast<std::size_t>(Region::kOut)].seen(now()) >=
                                      step.out_word_base + step.reload_words;
    if (!there) {
      causes |= 1U << kEmpty;
      return false;
    }
    preload_started_ = true;
    preload_words_left_ = ceil_div(tile.outputs() * schedule_.config().psum_bits, schedule_.link_bytes() * 8);
  }
  if (!links_.preload.ready(now())) {
    causes |= 1U << kBlocked;
    return false;
  }
  const std::size_t pe = preload_walk_.pe();
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
  return true;
}

// Passes over tiles that start from zero.
void GlobalBuffer::next_preload_tile() {
  preload_started_ = false;
  while (!preload_walk_.done() && preload_walk_.tile().step->preload == PreloadFrom::kNone) {
    ++preload_tile_of_pe_[preload_walk_.pe()];
    preload_walk_.next();
  }
}

void GlobalBuffer::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                          std::uint64_t cycles) {
  counts[Action::kGlobalBufferAWords] += a_.words();
  counts[Action::kGlobalBufferBWords] += b_.words();
  counts[Action::kGlobalBufferDrainWords] += drain_words_;
  counts[Action::kGlobalBufferPreloadWords] += preload_words_;
  stalls_.report(stalls["global_buffer"], cycles, kEmpty);
}

template class OperandReader<AUnitWalk>;
template class OperandReader<BUnitWalk>;

}  // namespace lnsim::systemc
