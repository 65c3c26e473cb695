// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sim/fast/cycle.hpp"
#include "sim/fast/ring.hpp"
#include "sim/fast/state.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim::fast {

/// Evenly spaced events: `count` of them, the first in `cycle`, one every `period` cycles.
struct EventRun {
  Cycle cycle = 0, period = 0;
  std::uint64_t count = 0;
};

/// The period of a run of one means nothing.
inline void visit_run(StateVisitor& state, EventRun& run) {
  state.time(run.cycle);
  state.same(run.count);
  state.same(run.count > 1 ? run.period : 0);
}

/// Appends `next` to `run` if both together are evenly spaced. A run of one has any period.
inline bool join(EventRun& run, const EventRun& next) {
  const Cycle period = run.count > 1 ? run.period : next.cycle - run.cycle;
  if (next.cycle != run.cycle + run.count * period || (next.count > 1 && next.period != period)) return false;
  run.period = period;
  run.count += next.count;
  return true;
}

/// Units on their way to a PE buffer and not used yet: the cycle in which the first word of each is seen written.
class Arrivals {
 public:
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  /// The next units. Requires !empty().
  [[nodiscard]] const EventRun& front() const { return runs_.front(); }
  /// Takes the next `units`, which are of the first run; the last one's cycle.
  Cycle take(std::uint64_t units) {
    EventRun& run = runs_.front();
    const Cycle last = run.cycle + (units - 1) * run.period;
    run.cycle = last + run.period;
    run.count -= units;
    if (run.count == 0) runs_.pop_front();
    return last;
  }
  /// Units that came before `cycle`, of which nobody will ask when, need not be told apart.
  void forget_before(Cycle cycle) {
    std::uint64_t units = 0;
    while (!runs_.empty() && runs_.front().cycle + (runs_.front().count - 1) * runs_.front().period < cycle) {
      units += runs_.front().count;
      runs_.pop_front();
    }
    if (units > 0) runs_.push_front({0, 0, units});
  }
  /// Units later than those before.
  void add(const EventRun& run) {
    if (runs_.empty() || !join(runs_.back(), run)) runs_.push_back(run);
  }
  void visit(StateVisitor& state) {
    state.ring(runs_, [&](EventRun& run) { visit_run(state, run); });
  }

 private:
  Ring<EventRun> runs_;
};

/// Credits of one PE buffer: when vectors were freed (docs/machine.md, G3).
class FreedVectors {
 public:
  /// `vectors` are freed in every event of the run; calls come in order of time.
  void add(const EventRun& run, std::uint64_t vectors) {
    if (!runs_.empty() && runs_.back().vectors == vectors && join(runs_.back().events, run)) return;
    runs_.push_back({run, vectors});
  }
  /// First cycle that sees `count` vectors freed; kUnknown if not known yet. Counts must not fall from call to call.
  [[nodiscard]] Cycle seen(std::uint64_t count) {
    while (freed_ < count) {
      if (runs_.empty()) return kUnknown;
      auto& [run, vectors] = runs_.front();
      const std::uint64_t missing = count - freed_;
      const std::uint64_t events = missing <= vectors ? 1 : std::min(run.count, ceil_div(missing, vectors));
      seen_ = run.cycle + (events - 1) * run.period + 1;
      freed_ += events * vectors;
      run.cycle += events * run.period;
      run.count -= events;
      if (run.count == 0) runs_.pop_front();
    }
    return seen_;
  }
  /// That so many were freed cannot be known yet.
  [[nodiscard]] bool waits_for(std::uint64_t count) const { return freed_ < count && runs_.empty(); }
  /// What was freed so early that it is seen before `cycle`, before which nobody sends, need not be told apart.
  void forget_before(Cycle cycle) {
    while (!runs_.empty() && runs_.front().events.cycle + 1 < cycle) {
      auto& [run, vectors] = runs_.front();
      const std::uint64_t past = run.period == 0 ? run.count : (cycle - 2 - run.cycle) / run.period + 1;
      const std::uint64_t events = std::min(run.count, past);
      freed_ += events * vectors;
      run.cycle += events * run.period;
      run.count -= events;
      if (run.count > 0) return;
      runs_.pop_front();
    }
  }
  /// seen(count), seen(count + step), ... as far as they are evenly spaced and known at a look; a count of 0 if not.
  [[nodiscard]] EventRun ahead(std::uint64_t count, std::uint64_t step) const {
    if (count <= freed_) return {seen_, 0, (freed_ - count) / step + 1};
    if (runs_.empty()) return {};
    const auto& [run, vectors] = runs_.front();
    if (vectors != step) return {};
    const std::uint64_t skipped = (count - freed_ - 1) / vectors;  // events before the one that is needed
    if (skipped >= run.count) return {};
    return {run.cycle + skipped * run.period + 1, run.period, run.count - skipped};
  }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  /// sent: vectors that were sent to the buffer. in_step: some are sent while a step's B chunks follow each other.
  void visit(StateVisitor& state, std::uint64_t sent, bool in_step) {
    state.same(sent - freed_);
    state.count(freed_);
    state.stale(seen_, in_step);
    state.ring(runs_, [&](Run& run) {
      visit_run(state, run.events);
      state.same(run.vectors);
    });
  }

 private:
  struct Run {
    EventRun events;
    std::uint64_t vectors = 0;  ///< of each event
  };
  Ring<Run> runs_;
  std::uint64_t freed_ = 0;
  Cycle seen_ = 0;
};

/// How many of the next events keep their part in a maximum whose value moves on by `period` each time. `before` was
/// the event's time in the last one, `bound` the latest time at which it would have had no part in it (exclusive of
/// ties). The events either move on by the same period, or have no part in it and get none.
[[nodiscard]] inline std::uint64_t like_before(const EventRun& next, Cycle before, std::int64_t bound, Cycle period) {
  if (next.count == 0) return 0;
  const auto time = static_cast<std::int64_t>(next.cycle);
  if (next.cycle == before + period) {
    if (next.period == period || next.count == 1) return next.count;
    if (static_cast<std::int64_t>(before) > bound) return 1;
  }
  const std::int64_t slack = bound + static_cast<std::int64_t>(period) - time;
  if (static_cast<std::int64_t>(before) > bound || slack < 0) return 0;
  if (next.period <= period) return next.count;
  return std::min(next.count, 1 + static_cast<std::uint64_t>(slack) / (next.period - period));
}

}  // namespace lnsim::fast
