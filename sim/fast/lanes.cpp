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
  bank_ready_ = kUnknown;
  if (walk_.done()) return;
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
    tile.first_lane_group ? issue_groups<true, true>(tile.groups) : issue_groups<true, false>(tile.groups);
  } else if (tile.first_lane_group) {
    issue_groups<false, true>(tile.groups);
  } else {
    issue_inner_groups();
  }
}

// A1 to A3, L1, L2. kNewA, kNewB: the vectors are used for the first time and may not have been written yet.
template <bool kNewA, bool kNewB>
void Lanes::issue_groups(std::uint64_t end) {
  const PeTile& tile = walk_.tile();
  while (group_ < end && (!kNewA || !a_.arrivals.empty()) && (!kNewB || !b_.arrivals.empty())) {
    // A1: reads of the group.
    Cycle first = active_;
    Cycle complete = active_ + n_;
    bool a_waited = false;
    if constexpr (kNewA) {
      const Cycle written = a_.arrivals.front();
      a_.arrivals.pop_front();
      first = std::max(active_, written + feed_a_.first);
      complete = std::max(complete, written + feed_a_.last + 1);
      a_waited = first == written + feed_a_.first;
    }
    a_.read(first, complete, n_, a_waited);
    // A2, L1: rows of the group.
    const Cycle active = std::max(next_issue_, complete);
    Cycle start = std::max(active, accumulated_);
    if (group_ == 0) start = std::max(start, bank_ready_);
    Cycle end_issue = start + t_;
    bool b_waited = false;
    if constexpr (kNewB) {
      const Cycle written = b_.arrivals.front();
      b_.arrivals.pop_front();
      b_waited = written + feed_b_.first >= start;
      start = std::max(start, written + feed_b_.first);
      end_issue = std::max(end_issue, written + feed_b_.last + 1);
    }
    const std::uint64_t gap = start - next_issue_;
    if (gap > 0) {
      stalls_.charge(!issued_any_                          ? kFill
                     : complete == start                   ? kOperandA
                     : b_waited                            ? kOperandB
                     : group_ == 0 && bank_ready_ == start ? kCollector
                                                           : kAccumulateLatency,
                     gap);
    }
    const std::uint64_t inside = end_issue - start - t_;
    if constexpr (kNewB) stalls_.charge(kOperandB, inside);
    b_.read(gap, b_waited, inside, t_);
    issued_any_ = true;
    active_ = active;
    next_issue_ = end_issue;
    accumulated_ = start + accumulate_cycles_;
    if (tile.last_chunk) a_.freed.add(complete - 1, 0, 1, tile.lanes);       // A3
    if (tile.last_lane_group) b_.freed.add(end_issue - 1, 0, 1, tile.rows);  // L2
    ++group_;
  }
}

// Groups whose operands have all been used before. The wait of the first row for the accumulator, start - w, settles
// after a few groups; from then on every group takes the same time.
void Lanes::issue_inner_groups() {
  const std::uint64_t groups = walk_.tile().groups;
  issue_groups<false, false>(1);
  while (group_ < groups) {
    const Cycle wait = accumulated_ - accumulate_cycles_ - active_;
    const Cycle active = std::max(next_issue_, active_ + n_);
    const Cycle start = std::max(active, accumulated_);
    if (start - active == wait) {
      issue_equal_groups(groups - group_, active - active_);
    } else {
      issue_groups<false, false>(group_ + 1);
    }
  }
}

void Lanes::issue_equal_groups(std::uint64_t groups, Cycle period) {
  const PeTile& tile = walk_.tile();
  const std::uint64_t gap = period - t_;
  const Cycle complete = active_ + n_;  // of the first
  const Cycle start = next_issue_ + gap;
  const Cycle last_active = active_ + (groups - 1) * period;  // of the last group's predecessor
  a_.read_held(last_active + n_, groups, n_);
  stalls_.charge(complete == start ? kOperandA : kAccumulateLatency, gap * groups);
  b_.read(gap * groups, false, 0, t_ * groups);
  if (tile.last_chunk) a_.freed.add(complete - 1, period, groups, tile.lanes);
  if (tile.last_lane_group) b_.freed.add(start + t_ - 1, period, groups, tile.rows);
  active_ = last_active + period;
  next_issue_ += groups * period;
  accumulated_ += groups * period;
  group_ += groups;
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
  collector_.finish_tile(next_issue_ - 1 + complete_cycles_, outputs);  // C1
  collector_.advance(ppu_width_);
  ++tiles_;
  walk_.next();
  start_tile();
}

}  // namespace lnsim::fast
