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
  blocks_.a.log(nullptr);
  blocks_.b.log(nullptr);
  if (blocks_.drain.order().done() || blocks_.drain.order().step_index() != passage.step + 1) return;
  passage.after.copy(state, compute_side);
  if (!complete(passage)) return;
  passages_.push_back(std::move(passage));
}

// Every block has gone on by one step and is in a state of the same form; and no output waited for space.
bool StepMemo::complete(StepPassage& passage) const {
  const Snapshot& before = passage.before;
  const Snapshot& after = passage.after;
  if (!after.like(before)) return false;
  passage.earliest = kUnknown;
  passage.first = passage.last = passage.step;
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
        passage.first = std::min<std::size_t>(passage.first, before.value(i));
        passage.last = std::max<std::size_t>(passage.last, after.value(i));
        break;
      case StateKind::kClock:
        if (difference != 0) passage.earliest = std::min(passage.earliest, before.value(i));
        break;
      default: break;
    }
  }
  // Blocks depend on the step before theirs and on the one behind it too.
  passage.first -= std::min<std::size_t>(passage.first, 1);
  ++passage.last;
  passage.a.left = blocks_.a.left();
  passage.b.left = blocks_.b.left();
  for (const PortPassage* port : {&passage.a, &passage.b}) {
    passage.waited |= std::any_of(port->rows.begin(), port->rows.end(), [](const RowsRead& r) { return r.waited(); });
  }
  passage.sums_kept_from = blocks_.buffer.drained.kept_from();
  const Step& step = blocks_.schedule.steps()[passage.step];
  passage.output_there = blocks_.drain.claimed_output_there();
  if (step.drain_claims && blocks_.drain.waited_for_claim()) return false;
  passage.last_turn = blocks_.drain.last_turn_tiles();
  return true;
}

bool StepMemo::pass_step(const Snapshot& state, std::size_t compute_side) {
  const TileOrder& order = blocks_.drain.order();
  now_.copy(state, compute_side);
  std::size_t tries = 0;
  for (const StepPassage& passage : passages_) {
    if (!same_shapes(passage) || !same_state(passage)) continue;
    const Cycle shift = blocks_.drain.next() - passage.time;
    if (memory_follows(passage, shift)) {
      pass(passage, shift);
      return true;
    }
    if (++tries == kMostTries) break;
  }
  const std::size_t last = order.step_index() + 2;
  if (passages_.size() < kMostPassages && !sums_in_dram(order.step_index(), last)) {
    recording_.emplace();
    recording_->step = order.step_index();
    recording_->time = blocks_.drain.next();
    recording_->before = now_;
    blocks_.a.log(&recording_->a.rows);
    blocks_.b.log(&recording_->b.rows);
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

// What words are waited for comes alike only where tiles are alike.
bool StepMemo::same_shapes(const StepPassage& passage) const {
  const std::vector<Step>& steps = blocks_.schedule.steps();
  const std::size_t on = blocks_.drain.order().step_index() - passage.step;
  if (passage.last + on >= steps.size()) return false;
  for (std::size_t i = passage.first; i <= passage.last; ++i) {
    const Step& then = steps[i];
    const Step& now = steps[i + on];
    if (!same_shape(then, now) || (passage.waited && (then.a != now.a || then.b != now.b))) return false;
  }
  return !sums_in_dram(passage.first + on, passage.last + on);
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
    if (begin < end) {
      blocks_.buffer.drained.add_run({run.cycle + (begin - at) * run.period + shift, run.period, end - begin});
    }
    at += run.count;
  }
}

// The memory side goes on with what the step tells it, but for the drain link's last turn, as at any coming to a step;
// back to where it was unless the ports' words then come as the passage has them. When they come follows from what
// happened before, so that is right as long as those before them came so.
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
  if (blocks_.a.filled_alike(passage.a.rows, steps, shift) && blocks_.b.filled_alike(passage.b.rows, steps, shift)) {
    return true;
  }
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
  blocks_.a.came_to_step(passage.a.left + shift);
  blocks_.b.came_to_step(passage.b.left + shift);
}

}  // namespace lnsim::fast
