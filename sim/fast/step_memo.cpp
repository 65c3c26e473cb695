// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/step_memo.hpp"

#include <algorithm>
#include <utility>

namespace lnsim::fast {
namespace {

/// A time that says that there is none.
bool is_mark(Cycle time) { return time == 0 || time == kUnknown; }

/// All that decides how the ports, the PEs and the drain link go through a step.
bool same_shape(const Step& x, const Step& y) {
  return x.gemm == y.gemm && x.a_rows == y.a_rows && x.b_rows == y.b_rows && x.k_size == y.k_size &&
         x.last_k == y.last_k && x.free_a == y.free_a && x.free_b == y.free_b && x.preload == y.preload &&
         x.output == y.output && x.drain_claims == y.drain_claims && x.tiles == y.tiles;
}

}  // namespace

PortPassage StepMemo::passage_of(const OperandPort& port) {
  return {port.place().step - 1, port.watched_start(), port.left(), port.first_start()};
}

// So many steps and cycles later, all words are there before the first unit that may need them starts.
bool StepMemo::words_early(const OperandPort& port, const PortPassage& passage, std::size_t steps, Cycle shift) {
  const auto early = [&](std::size_t step, Cycle start) {
    return start == kUnknown || port.step_filled_before(step + steps, start + shift);
  };
  return early(passage.step, passage.start) && early(passage.step + 1, passage.next_start);
}

bool StepMemo::sums_in_dram(std::size_t first, std::size_t last) const {
  const std::vector<Step>& steps = blocks_.schedule.steps();
  const auto from = [&](std::size_t i) {
    return steps.begin() + static_cast<std::ptrdiff_t>(std::min(i, steps.size()));
  };
  return std::any_of(from(first), from(last + 1), [](const Step& step) { return step.preload == PreloadFrom::kDram; });
}

void StepMemo::end_recording(const Snapshot& state, std::size_t compute_side) {
  if (!recording_) return;
  StepPassage passage = std::move(*recording_);
  recording_.reset();
  blocks_.buffer.drained.log(nullptr);
  if (blocks_.drain.order().done() || blocks_.drain.order().step_index() != passage.step + 1) return;
  passage.after.copy(state, compute_side);
  if (!complete(passage)) return;
  passages_.push_back(std::move(passage));
}

// Every block has gone on by one step and is in a state of the same form; and nothing waited for the memory side.
bool StepMemo::complete(StepPassage& passage) const {
  const Snapshot& before = passage.before;
  const Snapshot& after = passage.after;
  if (!after.like(before)) return false;
  passage.earliest = kUnknown;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::uint64_t difference = after.value(i) - before.value(i);
    switch (after.kind(i)) {
      case StateKind::kSame:
      case StateKind::kHistory:
      case StateKind::kLead:
      case StateKind::kBlock:
      case StateKind::kChunk:
      case StateKind::kLanes:
        if (difference != 0) return false;
        break;
      case StateKind::kStep:
        if (difference != 1) return false;
        break;
      case StateKind::kClock:
        if (difference != 0) passage.earliest = std::min(passage.earliest, before.value(i));
        break;
      default: break;
    }
  }
  passage.a = passage_of(blocks_.a);
  passage.b = passage_of(blocks_.b);
  passage.sums_kept_from = blocks_.buffer.drained.kept_from();
  const Step& step = blocks_.schedule.steps()[passage.step];
  passage.output_there = blocks_.drain.claimed_output_there();
  if (step.drain_claims && blocks_.drain.waited_for_claim()) return false;
  passage.last_turn = blocks_.drain.last_turn_tiles();
  return !blocks_.a.waited_for_words() && !blocks_.b.waited_for_words();
}

bool StepMemo::pass_step(const Snapshot& state, std::size_t compute_side) {
  const TileOrder& order = blocks_.drain.order();
  now_.copy(state, compute_side);
  for (const StepPassage& passage : passages_) {
    if (!same_state(passage) || !same_shapes(passage)) continue;
    const Cycle shift = blocks_.drain.next() - passage.time;
    if (!memory_follows(passage, shift)) return false;
    pass(passage, shift);
    return true;
  }
  const std::size_t last = order.step_index() + 2;
  if (passages_.size() < kMostPassages && !sums_in_dram(order.step_index(), last)) {
    recording_.emplace();
    recording_->step = order.step_index();
    recording_->time = blocks_.drain.next();
    recording_->before = now_;
    blocks_.a.watch();
    blocks_.b.watch();
    blocks_.buffer.drained.mark_sums(recording_->sums);
    blocks_.buffer.drained.log(&recording_->drained);
  }
  return false;
}

// As Jumps::recurs() compares two states, but that what the earlier step did not use is known from its end.
bool StepMemo::same_state(const StepPassage& passage) const {
  const Snapshot& before = passage.before;
  const Snapshot& after = passage.after;
  if (!now_.like(before)) return false;
  const Cycle shift = blocks_.drain.next() - passage.time;
  const std::size_t steps = blocks_.drain.order().step_index() - passage.step;
  const auto long_past = [&](Cycle then, Cycle now) {
    return then != kUnknown && now != kUnknown && then + margin_ <= passage.earliest &&
           now + margin_ <= passage.earliest + shift;
  };
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const std::uint64_t then = before.value(i);
    const std::uint64_t now = now_.value(i);
    const bool moved = now - then == shift || (now == then && is_mark(now));
    bool fits = true;
    switch (now_.kind(i)) {
      case StateKind::kTotal:
      case StateKind::kCount:
      case StateKind::kFilled: break;  // tiles that are there early
      case StateKind::kTime:
      case StateKind::kClock: fits = moved || after.value(i) == then; break;
      case StateKind::kStale:
      case StateKind::kLoad:
      case StateKind::kPast: fits = moved || long_past(then, now); break;
      case StateKind::kStep: fits = now - then == steps; break;
      case StateKind::kSame:
      case StateKind::kHistory:
      case StateKind::kLead:
      case StateKind::kBlock:
      case StateKind::kChunk:
      case StateKind::kLanes: fits = now == then; break;
    }
    if (!fits) return false;
  }
  return blocks_.buffer.drained.same_sums(passage.sums, shift);
}

// The steps at which blocks stand, the one before and the one behind them.
bool StepMemo::same_shapes(const StepPassage& passage) const {
  const std::vector<Step>& steps = blocks_.schedule.steps();
  std::size_t first = passage.step, last = passage.step;
  for (std::size_t i = 0; i < passage.before.size(); ++i) {
    if (passage.before.kind(i) != StateKind::kStep) continue;
    first = std::min<std::size_t>(first, passage.before.value(i));
    last = std::max<std::size_t>(last, passage.after.value(i));
  }
  first -= std::min<std::size_t>(first, 1);
  ++last;
  const std::size_t on = blocks_.drain.order().step_index() - passage.step;
  if (last + on >= steps.size() || sums_in_dram(first + on, last + on)) return false;
  for (std::size_t step = first; step <= last; ++step) {
    if (!same_shape(steps[step], steps[step + on])) return false;
  }
  return true;
}

void StepMemo::save_memory() {
  saved_.buffer = blocks_.buffer;
  saved_.dma = blocks_.dma.all();
  saved_.claims = blocks_.claims.all();
  StateVisitor visitor(saved_.dram);
  blocks_.dram.visit(visitor);
}

void StepMemo::restore_memory() {
  blocks_.buffer = saved_.buffer;
  blocks_.dma.come_back(saved_.dma);
  blocks_.claims.come_back(saved_.claims);
  StateVisitor visitor = StateVisitor::come_back(saved_.dram);
  blocks_.dram.visit(visitor);
}

void StepMemo::drain(const StepPassage& passage, Cycle shift, std::uint64_t first, std::uint64_t last) {
  std::uint64_t at = 0;
  for (const EventRun& run : passage.drained) {
    const std::uint64_t begin = std::max(at, first);
    const std::uint64_t end = std::min(at + run.count, last);
    for (std::uint64_t i = begin; i < end; ++i) {
      blocks_.buffer.drained.add(run.cycle + (i - at) * run.period + shift);
    }
    at += run.count;
  }
}

// The memory side goes on with what the step tells it, but for the drain link's last turn, as at any coming to a step;
// back to where it was unless the step's tiles are there early, then too. A tile's time follows from what happened
// before it, so it is right as long as those before it were early.
bool StepMemo::memory_follows(const StepPassage& passage, Cycle shift) {
  const Step& step = blocks_.drain.order().step();
  Ring<Cycle>& claimed = blocks_.claims.claimed();
  if (step.drain_claims && (claimed.empty() || claimed.front() + 1 > passage.output_there + shift)) return false;
  save_memory();
  if (step.drain_claims) claimed.pop_front();
  blocks_.a.free_tile(passage.a.left + shift);
  blocks_.b.free_tile(passage.b.left + shift);
  drain(passage, shift, 0, step.tiles - passage.last_turn);
  for (bool moved = true; moved;) {
    moved = blocks_.dma.advance();
    moved |= blocks_.claims.advance();
  }
  const std::size_t steps = blocks_.drain.order().step_index() - passage.step;
  if (words_early(blocks_.a, passage.a, steps, shift) && words_early(blocks_.b, passage.b, steps, shift)) return true;
  restore_memory();
  return false;
}

void StepMemo::pass(const StepPassage& passage, Cycle shift) {
  const Step& step = blocks_.drain.order().step();
  DrainedTiles& drained = blocks_.buffer.drained;
  const std::uint64_t before = drained.total() - (step.tiles - passage.last_turn);
  drain(passage, shift, step.tiles - passage.last_turn, step.tiles);
  if (passage.sums_kept_from != passage.sums.keep) {
    drained.forget_before(passage.sums_kept_from == kUnknown ? kUnknown
                                                             : passage.sums_kept_from - passage.sums.total + before);
  }
  StateVisitor visitor = StateVisitor::replay(passage.before, passage.after, shift);
  blocks_.visit_compute_side(visitor);
  const auto came = [&](OperandPort& port, const PortPassage& went) {
    port.came_to_step(went.left + shift, went.next_start == kUnknown ? kUnknown : went.next_start + shift);
  };
  came(blocks_.a, passage.a);
  came(blocks_.b, passage.b);
}

}  // namespace lnsim::fast
