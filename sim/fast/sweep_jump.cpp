// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/sweep_jump.hpp"

namespace lnsim::fast {

void SweepBlocks::forget_past() const {
  buffer.space_of(Region::kA).forget_past();
  buffer.space_of(Region::kOut).forget_past(unit.end());  // the unit claims it
  dma.forget_past();
  buffer.filled_of(Region::kA).forget_past(unit.end());
}

void SweepBlocks::visit(StateVisitor& state) const {
  dram.visit(state);
  buffer.visit(state);
  dma.visit(state);
  unit.visit(state);
}

// Neither the first chunk nor the one before the last of the stretch: their neighbours are alike too.
bool SweepJumps::within(std::size_t chunk) const {
  const SweepStretch& stretch = blocks_.schedule.stretches()[stretch_];
  return chunk > stretch.first && chunk + 2 < stretch.first + stretch.count;
}

// Chunks of the stretch are stored; else the next store comes after it.
bool SweepJumps::stores() const {
  return blocks_.schedule.steps()[blocks_.schedule.stretches()[stretch_].first].writes;
}

bool SweepJumps::blocks_within() const {
  const std::vector<DmaJob>& jobs = blocks_.schedule.jobs();
  const std::size_t ask = blocks_.buffer.drained.ask_job();
  return !blocks_.dma.done() && within(blocks_.unit.chunk()) && within(jobs[blocks_.dma.job()].step) &&
         (!stores() || (ask < jobs.size() && within(jobs[ask].step)));
}

void SweepJumps::refer() {
  StateVisitor visitor(before_);
  blocks_.visit(visitor);
  blocks_.buffer.drained.mark(drained_);
  before_chunk_ = blocks_.unit.chunk();
  before_step_ = blocks_.schedule.jobs()[blocks_.dma.job()].step;
  before_time_ = blocks_.unit.end();
  age_ = 0;
  power_ = std::max<std::uint64_t>(2 * power_, 1);
}

// Every block has gone on by as many chunks as the unit, and every time that decides anything by the period.
bool SweepJumps::recurs(Cycle period) const {
  const std::vector<DmaJob>& jobs = blocks_.schedule.jobs();
  const std::uint64_t chunks = blocks_.unit.chunk() - before_chunk_;
  const DrainedTiles& drained = blocks_.buffer.drained;
  if (!now_.like(before_) || jobs[blocks_.dma.job()].step != before_step_ + chunks ||
      !drained.recurs_by_steps(drained_, period) || (drained.ask_job() != drained_.ask_job) != stores()) {
    return false;
  }
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const std::uint64_t difference = now_.value(i) - before_.value(i);
    const bool still = difference == 0;
    switch (now_.kind(i)) {
      case StateKind::kTotal:
      case StateKind::kCount: break;
      case StateKind::kTime:
      case StateKind::kLoad:
      case StateKind::kPast:
        // What is long past was forgotten.
        if (difference != period && !(still && now_.value(i) == 0)) return false;
        break;
      case StateKind::kClock:
        if (difference != period) return false;
        break;
      default:
        if (!still) return false;
    }
  }
  return true;
}

void SweepJumps::look() {
  if (complete() || blocks_.unit.done()) return;
  if (blocks_.unit.chunk() == chunk_) return;
  chunk_ = blocks_.unit.chunk();
  if (!blocks_within()) {
    power_ = 0;
    return;
  }
  blocks_.forget_past();
  if (power_ != 0) {
    ++age_;
    StateVisitor record(now_);
    blocks_.visit(record);
    const Cycle period = blocks_.unit.end() - before_time_;
    const std::uint64_t chunks = chunk_ - before_chunk_;
    const std::uint64_t left_out = blocks_.schedule.stretches()[stretch_].left_out;
    if (left_out % chunks == 0 && recurs(period)) {
      const std::uint64_t times = left_out / chunks;
      const std::vector<std::uint64_t> all = moves(before_, now_, times, period, true);
      StateVisitor visitor(all);
      blocks_.visit(visitor);
      blocks_.buffer.drained.move_in_time(times * period);
      ++stretch_;
      power_ = 0;
      return;
    }
    if (age_ < power_) return;
  }
  refer();
}

}  // namespace lnsim::fast
