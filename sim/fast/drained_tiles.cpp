// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/drained_tiles.hpp"

#include <algorithm>

#include "sim/support/error.hpp"

namespace lnsim::fast {
namespace {

/// The times of the last `count` events of runs that hold so many, the last one first.
template <class Runs>
std::vector<Cycle> last_events(const Runs& runs, std::uint64_t count) {
  std::vector<Cycle> events;
  for (std::size_t i = runs.size(); i-- > 0 && events.size() < count;) {
    const EventRun& run = runs[i];
    for (std::uint64_t event = run.count; event-- > 0 && events.size() < count;) {
      events.push_back(run.cycle + event * run.period);
    }
  }
  LNSIM_CHECK(events.size() == count, "a stretch of drained tiles is not kept whole");
  return events;
}

/// append(run) for a stretch, given last tile first, `times` times more, each a period later.
template <class Append>
void repeat(const std::vector<Cycle>& stretch, Cycle period, std::uint64_t times, const Append& append) {
  if (stretch.size() == 1) return append({stretch[0] + period, times > 1 ? period : 0, times});
  for (std::uint64_t time = 1; time <= times; ++time) {
    for (std::size_t i = stretch.size(); i-- > 0;) append({stretch[i] + time * period, 0, 1});
  }
}

/// The runs of `before`, `shift` cycles later.
bool same_runs(const Ring<EventRun>& now, const std::vector<EventRun>& before, Cycle shift) {
  if (now.size() != before.size()) return false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const EventRun& run = now[i];
    const EventRun& then = before[i];
    if (run.cycle != then.cycle + shift || run.count != then.count || (run.count > 1 && run.period != then.period)) {
      return false;
    }
  }
  return true;
}

}  // namespace

// Writes that wait for nothing are passed over.
void DrainedTiles::find_ask() {
  for (; ask_job_ < jobs_->size(); ++ask_job_, ask_part_ = 0) {
    const StoreChunks& parts = (*jobs_)[ask_job_].chunks;
    for (; ask_part_ < parts.size(); ++ask_part_) {
      if (parts[ask_part_].drained == 0) continue;
      ask_ = parts[ask_part_].drained;
      LNSIM_CHECK(ask_ > total_ || (ask_ == total_ && !asked_.empty()), "stores ask for tiles out of order");
      return;
    }
  }
  ask_ = kUnknown;
}

void DrainedTiles::add_run(EventRun run) {
  while (run.count > 0) {
    // Up to the next tile that is asked for.
    const std::uint64_t count = std::min(run.count, until_asked());
    if (log_ != nullptr) append_to_log({run.cycle, run.period, count});
    const std::uint64_t skipped = !keeps_ ? count : keep_ > total_ ? std::min(count, keep_ - total_) : 0;
    if (recent_.empty()) first_ = total_ + skipped;
    if (skipped < count) append({run.cycle + skipped * run.period, run.period, count - skipped});
    total_ += count;
    const Cycle last = run.cycle + (count - 1) * run.period;
    while (ask_ == total_) {
      asked_.push_back(last);
      next_ask();
    }
    run = {last + run.period, run.period, run.count - count};
  }
}

void DrainedTiles::mark_sums(Mark& mark) const {
  mark.total = total_;
  mark.first = first_;
  mark.keep = keep_;
  mark.recent.clear();
  for (std::size_t i = 0; i < recent_.size(); ++i) mark.recent.push_back(recent_[i]);
}

bool DrainedTiles::same_sums(const Mark& before, Cycle shift) const {
  if (!keeps_) return true;
  if (before.total - before.first != total_ - first_) return false;
  if ((keep_ == kUnknown) != (before.keep == kUnknown)) return false;
  if (keep_ != kUnknown && before.total - before.keep != total_ - keep_) return false;
  return same_runs(recent_, before.recent, shift);
}

void DrainedTiles::drop(std::uint64_t tiles) {
  while (tiles > 0 && !recent_.empty()) {
    EventRun& run = recent_.front();
    const std::uint64_t dropped = std::min(tiles, run.count);
    run.cycle += dropped * run.period;
    run.count -= dropped;
    first_ += dropped;
    tiles -= dropped;
    if (run.count == 0) recent_.pop_front();
  }
}

void DrainedTiles::forget_before(std::uint64_t tile) {
  LNSIM_CHECK(tile >= first_, "a drained tile was forgotten too early");
  keep_ = tile;
  drop(tile - first_);
  if (recent_.empty()) first_ = total_;
}

void DrainedTiles::mark(Mark& mark) const {
  mark_sums(mark);
  mark.ask_job = ask_job_;
  mark.ask_part = ask_part_;
  mark.until_asked = until_asked();
  mark.asked.clear();
  for (std::size_t i = 0; i < asked_.size(); ++i) mark.asked.push_back(asked_[i]);
}

bool DrainedTiles::recurs_by_steps(const Mark& before, Cycle period) const {
  // As many tiles before the next that is asked for, or one that is asked for much later.
  const bool asked_since = before.ask_job != ask_job_;
  if (before.total + before.until_asked != total_ + until_asked() && before.until_asked != until_asked()) return false;
  if (asked_since != (before.until_asked == until_asked()) || before.ask_part != ask_part_ ||
      before.asked.size() != asked_.size()) {
    return false;
  }
  const bool asks = keeps_ && (keep_ != kUnknown || before.keep != kUnknown);
  if (asks && before.total - before.keep != total_ - keep_) return false;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i] != before.asked[i] + (asked_since ? period : 0)) return false;
  }
  return same_runs(recent_, before.recent, period);
}

bool DrainedTiles::recurs_in_step(const Mark& before, std::uint64_t tiles, Cycle period) const {
  if (total_ != before.total + tiles || before.asked.size() != asked_.size()) return false;
  const bool asked_since = before.ask_job != ask_job_ || before.ask_part != ask_part_;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i] != before.asked[i] + (asked_since ? period : 0)) return false;
  }
  return keep_ == before.keep || keep_ == before.keep + tiles;
}

std::uint64_t DrainedTiles::stretches_long_past(const Mark& before, std::uint64_t tiles, Cycle past) const {
  if (!keeps_) return kUnknown;
  if (keep_ == before.keep && keep_ >= total_) return (keep_ - total_) / tiles;  // none of them is kept
  if (total_ - first_ < tiles) return 0;
  if (keep_ == before.keep) return kUnknown;
  std::uint64_t there = 0;
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    const EventRun& run = recent_[i];
    if (run.cycle >= past) break;
    const std::uint64_t events =
        run.count == 1 || run.period == 0 ? run.count : std::min(run.count, (past - 1 - run.cycle) / run.period + 1);
    there += events;
    if (events < run.count) break;
  }
  // One more is asked for at once.
  return there == 0 ? 0 : (there - 1) / tiles;
}

void DrainedTiles::move_on_by_steps(const Mark& before, Cycle period, std::uint64_t times) {
  const auto moved = [&](auto& now, auto then) { now += times * (now - then); };
  moved(first_, before.first);
  if (keep_ != kUnknown) moved(keep_, before.keep);
  moved(total_, before.total);
  if (ask_job_ != before.ask_job) {
    moved(ask_job_, before.ask_job);
    if (ask_ != kUnknown) ask_ = total_ + before.until_asked;
    for (std::size_t i = 0; i < asked_.size(); ++i) asked_[i] += times * period;
  }
  for (std::size_t i = 0; i < recent_.size(); ++i) recent_[i].cycle += times * period;
}

void DrainedTiles::move_on_in_step(const Mark& before, std::uint64_t tiles, Cycle period, std::uint64_t times) {
  if (before.ask_job != ask_job_ || before.ask_part != ask_part_) {
    ask_part_ += times * (ask_part_ - before.ask_part);
    ask_ += times * tiles;
    for (std::size_t i = 0; i < asked_.size(); ++i) asked_[i] += times * period;
  }
  if (keeps_ && keep_ < total_) {
    const bool asks = keep_ != before.keep;
    repeat(last_events(recent_, tiles), period, times, [this](const EventRun& run) { append(run); });
    if (asks) {
      drop(times * tiles);
      keep_ += times * tiles;
    }
  }
  if (log_ != nullptr) {
    repeat(last_events(*log_, tiles), period, times, [this](const EventRun& run) { append_to_log(run); });
  }
  total_ += times * tiles;
  if (recent_.empty()) first_ = total_;
}

}  // namespace lnsim::fast
