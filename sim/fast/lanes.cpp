// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/lanes.hpp"

#include <algorithm>

namespace lnsim::fast {

Lanes::Lanes(Shapes& shapes, std::uint64_t pe_row, std::uint64_t pe_column)
    : shapes_(shapes),
      lanes_(shapes.schedule.config().accelerator.pe.lanes),
      ppu_width_(shapes.schedule.config().accelerator.pe.ppu_width),
      accumulate_cycles_(shapes.schedule.config().accumulate_cycles()),
      complete_cycles_(shapes.schedule.config().accelerator.pe.datapath_cycles + accumulate_cycles_),
      walk_(shapes.schedule, pe_row, pe_column) {
  start_tile();
}

void Lanes::start_tile() {
  group_ = 0;
  steady_ = false;
  bank_ready_ = kUnknown;
  if (walk_.done()) return;
  fit_shape();
}

void Lanes::fit_shape() {
  const PeTile& tile = walk_.tile();
  t_ = tile.rows;
  n_ = shapes_.feed_a.reads(tile.lanes);
  feed_a_ = shapes_.feed_a.times(tile.lanes, shapes_.transposed_a(*tile.step));
  feed_b_ = shapes_.feed_b.times(tile.rows, shapes_.transposed_b(*tile.step));
}

bool Lanes::advance() {
  bool moved = collector_.advance(ppu_width_);
  while (!walk_.done() && open_bank()) {
    const std::uint64_t before = group_;
    issue();
    moved |= group_ != before;
    if (group_ < walk_.tile().groups) break;
    end_tile();
  }
  return moved;
}

// C3: free, and for a continued sum, loaded.
bool Lanes::open_bank() {
  if (bank_ready_ != kUnknown) return true;
  const Cycle free = collector_.bank_free(tiles_);
  if (free == kUnknown) return false;
  if (walk_.tile().step->preload == PreloadFrom::kNone) {
    bank_ready_ = free;
    return true;
  }
  if (collector_.preloaded.empty()) return false;
  bank_ready_ = std::max(free, collector_.preloaded.front());
  collector_.preloaded.pop_front();
  return true;
}

void Lanes::issue() {
  const PeTile& tile = walk_.tile();
  if (tile.first_chunk) {
    tile.first_lane_group ? issue_groups<true, true>() : issue_groups<true, false>();
  } else {
    tile.first_lane_group ? issue_groups<false, true>() : issue_groups<false, false>();
  }
}

// kNewA, kNewB: the vectors are used for the first time and may not have been written yet. Once a group is like the one
// before but for a shift in time, so are all that follow while their operands arrive in step or early: they are issued
// at once.
template <bool kNewA, bool kNewB>
void Lanes::issue_groups() {
  const std::uint64_t groups = walk_.tile().groups;
  while (group_ < groups && (!kNewA || !a_.arrivals.empty()) && (!kNewB || !b_.arrivals.empty())) {
    if (steady_ && repeat_group<kNewA, kNewB>()) continue;
    const Times before = before_;
    group_at_ = next_group<kNewA, kNewB>();
    const Times& after = group_at_.after;
    period_ = after.active - before.active;
    steady_ = group_ > 0 && after.complete - before.complete == period_ &&
              after.next_issue - before.next_issue == period_ && after.accumulated - before.accumulated == period_;
    charge(1);
    issue_shifted(0, 1);
  }
}

template <bool kNewA, bool kNewB>
bool Lanes::repeat_group() {
  std::uint64_t more = walk_.tile().groups - group_;
  if constexpr (kNewA) more = std::min(more, a_like_before());
  if constexpr (kNewB) more = std::min(more, b_like_before());
  if (more == 0) return false;
  if constexpr (kNewA) group_at_.a_written = a_.arrivals.take(more);
  if constexpr (kNewB) group_at_.b_written = b_.arrivals.take(more);
  charge(more);
  issue_shifted(period_, more);
  return true;
}

// A1, A2, L1: the times of the next K-group.
template <bool kNewA, bool kNewB>
Lanes::Group Lanes::next_group() {
  Group group;
  Cycle first = before_.active;
  Cycle complete = before_.active + n_;
  if constexpr (kNewA) {
    group.a_written = a_.arrivals.take(1);
    first = std::max(first, group.a_written + feed_a_.first);
    complete = std::max(complete, group.a_written + feed_a_.last + 1);
    group.a_waited = first == group.a_written + feed_a_.first;
  }
  group.a_gap = first - before_.complete;
  group.a_inside = complete - first - n_;

  const Cycle active = std::max(before_.next_issue, complete);
  Cycle start = std::max(active, before_.accumulated);
  if (group_ == 0) start = std::max(start, bank_ready_);
  Cycle end = start + t_;
  if constexpr (kNewB) {
    group.b_written = b_.arrivals.take(1);
    group.b_waited = group.b_written + feed_b_.first >= start;
    start = std::max(start, group.b_written + feed_b_.first);
    end = std::max(start + t_, group.b_written + feed_b_.last + 1);
  }
  if (group_ == 0) tile_begin_ = start;
  group.gap = start - before_.next_issue;
  group.inside = end - start - t_;
  group.cause = !issued_any_                          ? kFill
                : complete == start                   ? kOperandA
                : group.b_waited                      ? kOperandB
                : group_ == 0 && bank_ready_ == start ? kCollector
                                                      : kAccumulateLatency;
  issued_any_ = true;
  group.after = {active, complete, end, start + accumulate_cycles_};
  return group;
}

void Lanes::charge(std::uint64_t groups) {
  const Group& group = group_at_;
  a_.read(groups, n_, group.a_gap, group.a_waited, group.a_inside);
  b_.read(groups, t_, group.gap, group.b_waited, group.inside);
  stalls_.charge(group.cause, groups * group.gap);
  stalls_.charge(kOperandB, groups * group.inside);
}

// The next groups: the first is group_at_ but `shift` later, each of the others so much after the one before.
void Lanes::issue_shifted(Cycle shift, std::uint64_t groups) {
  const PeTile& tile = walk_.tile();
  Times& after = group_at_.after;
  // A3, L2.
  if (tile.last_chunk) a_.freed.add({after.complete - 1 + shift, shift, groups}, tile.lanes);
  if (tile.last_lane_group) b_.freed.add({after.next_issue - 1 + shift, shift, groups}, tile.rows);
  const Cycle last = groups * shift;
  after = {after.active + last, after.complete + last, after.next_issue + last, after.accumulated + last};
  before_ = after;
  group_ += groups;
}

// A read waits for the shadow bank at least (A1), a row for the rows before it (L1).
void Lanes::forget_past(Cycle margin) {
  const auto forget = [&](OperandBuffer& buffer, Cycle& last, Cycle next) {
    const Cycle past = next - std::min(next, margin);
    buffer.arrivals.forget_before(past);
    if (last < past) last = 0;
  };
  forget(a_, group_at_.a_written, before_.active);
  forget(b_, group_at_.b_written, before_.next_issue);
}

// What only finds equal groups (group_at_, period_, steady_) moves with the times that it was made from.
void Lanes::visit(StateVisitor& state) {
  state.same(tiles_ - collector_.drained());
  a_.visit(state);
  b_.visit(state);
  collector_.visit(state);
  std::size_t step = walk_.step_index();
  state.step(step);
  if (!walk_.done()) {
    std::uint64_t block = walk_.tile().block, chunk = walk_.tile().chunk, lane_group = walk_.tile().lane_group;
    state.block(block);
    state.chunk(chunk);
    state.lanes(lane_group);
    const bool moved = step != walk_.step_index();
    walk_.move_to(step, block, chunk, lane_group);
    if (moved) fit_shape();
  }
  state.count(tiles_);
  state.same(group_);
  state.time(bank_ready_);
  for (Cycle* time : {&before_.active, &before_.complete, &before_.next_issue, &before_.accumulated})
    state.clock(*time);
  // Of no use for the first group of a tile.
  if (group_ > 0) {
    Times& after = group_at_.after;
    for (Cycle* time : {&after.active, &after.complete, &after.next_issue, &after.accumulated, &group_at_.a_written,
                        &group_at_.b_written}) {
      state.time(*time);
    }
    for (const std::uint64_t number : {period_, group_at_.a_gap, group_at_.a_inside, group_at_.gap, group_at_.inside,
                                       std::uint64_t{group_at_.cause}}) {
      state.history(number);
    }
    for (const bool flag : {steady_, group_at_.a_waited, group_at_.b_waited}) state.history(flag ? 1 : 0);
  }
  state.same(issued_any_ ? 1 : 0);
  state.total(useful_macs_);
  for (const Action action :
       {Action::kLanesVectorMacs, Action::kLanesGatedVectorMacs, Action::kCollectorAccumulates,
        Action::kCollectorDrains, Action::kCollectorPreloads, Action::kPpuOutputs, Action::kPpuPartials}) {
    state.total(counts_[action]);
  }
  state.stalls(stalls_);
}

// How many of the next groups read buffer A as this one did: their vectors come in step with the groups, or early.
std::uint64_t Lanes::a_like_before() const {
  // Early: the first read and the last wait for the shadow bank alone.
  const std::int64_t first = -static_cast<std::int64_t>(feed_a_.first) - 1;
  const std::int64_t last = static_cast<std::int64_t>(n_) - static_cast<std::int64_t>(feed_a_.last) - 1;
  const std::int64_t bound = static_cast<std::int64_t>(before_.active - period_) + std::min(first, last);
  return like_before(a_.arrivals.front(), group_at_.a_written, bound, period_);
}

std::uint64_t Lanes::b_like_before() const {
  const Cycle start = before_.accumulated - accumulate_cycles_;
  const std::int64_t first = -static_cast<std::int64_t>(feed_b_.first) - 1;
  const std::int64_t last = static_cast<std::int64_t>(t_) - static_cast<std::int64_t>(feed_b_.last) - 1;
  const std::int64_t bound = static_cast<std::int64_t>(start) + std::min(first, last);
  return like_before(b_.arrivals.front(), group_at_.b_written, bound, period_);
}

void Lanes::end_tile() {
  const PeTile& tile = walk_.tile();
  const std::uint64_t outputs = tile.outputs();
  const std::uint64_t rows = tile.rows * tile.groups;
  stalls_.busy(rows);
  a_.reads += tile.lanes * tile.groups;
  b_.reads += rows;
  counts_[Action::kLanesVectorMacs] += rows * tile.lanes;
  counts_[Action::kLanesGatedVectorMacs] += rows * (lanes_ - tile.lanes);
  counts_[Action::kCollectorAccumulates] += outputs * tile.groups;
  counts_[Action::kCollectorDrains] += outputs;
  if (tile.step->preload != PreloadFrom::kNone) counts_[Action::kCollectorPreloads] += outputs;
  counts_[tile.step->output == OutputTo::kStore ? Action::kPpuOutputs : Action::kPpuPartials] += outputs;
  useful_macs_ += outputs * tile.step->k_size;
  if (timeline_ != nullptr) {
    timeline_->add({TimelineTrack::kLanes, pe_, tile_begin_, before_.next_issue, tiles_});
  }
  collector_.finish_tile(before_.next_issue - 1 + complete_cycles_, outputs);  // C1
  collector_.advance(ppu_width_);
  ++tiles_;
  walk_.next();
  start_tile();
}

}  // namespace lnsim::fast
