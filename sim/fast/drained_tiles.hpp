// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/fast/event_runs.hpp"
#include "sim/schedule/dma_job.hpp"

namespace lnsim::fast {

/// When output tiles (or chunks of sweeps) had been written to the global buffer, in order: as far as a store or the
/// sums that the next step continues ask for it.
class DrainedTiles {
 public:
  /// jobs: of the DMA; their stores ask for tiles in ascending order.
  explicit DrainedTiles(const std::vector<DmaJob>& jobs) : jobs_(&jobs) { find_ask(); }

  void add(Cycle cycle) { add_run({cycle, 0, 1}); }
  /// As many tiles as events.
  void add_run(EventRun run);
  /// The next store that waits for tiles sees them drained from this cycle on; kUnknown if that is not known yet.
  [[nodiscard]] Cycle for_store() const { return asked_.empty() ? kUnknown : asked_.front() + 1; }
  void take_for_store() { asked_.pop_front(); }

  /// Sums in the buffer will be continued: every tile's time is kept.
  void keep_for_preloads() { keeps_ = true; }
  /// The preloads ask only for this tile (of the pass) and later ones from now on.
  void forget_before(std::uint64_t tile);
  /// The tile that forget_before() named last is seen drained from this cycle on; kUnknown if not known yet.
  [[nodiscard]] Cycle for_preload() const {
    return recent_.empty() || first_ != keep_ ? kUnknown : recent_.front().cycle + 1;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

  /// The state, for jumps.
  struct Mark {
    std::uint64_t total = 0, first = 0, keep = 0;
    std::size_t ask_job = 0, ask_part = 0;
    std::uint64_t until_asked = kUnknown;  ///< tiles, that one included
    std::vector<Cycle> asked;
    std::vector<EventRun> recent;
  };
  void mark(Mark& mark) const;
  /// Of it, what the preloads will ask for.
  void mark_sums(Mark& mark) const;
  /// What the preloads will ask for is that of `before`, `shift` cycles later and as many tiles as were drained since.
  [[nodiscard]] bool same_sums(const Mark& before, Cycle shift) const;
  /// The tile that forget_before() named last.
  [[nodiscard]] std::uint64_t kept_from() const { return keep_; }
  /// The times of all tiles from now on go into `log` too, until it is null.
  void log(std::vector<EventRun>* log) { log_ = log; }
  [[nodiscard]] std::size_t ask_job() const { return ask_job_; }
  [[nodiscard]] std::size_t ask_part() const { return ask_part_; }
  [[nodiscard]] std::uint64_t until_asked() const { return ask_ == kUnknown ? kUnknown : ask_ - total_; }
  /// The state is that of `before`, `period` cycles later, as it decides what steps do.
  [[nodiscard]] bool recurs_by_steps(const Mark& before, Cycle period) const;
  /// Of so many tiles in a stretch of the step at hand: the times that stores wait for are those of `before`, or as
  /// much later as the period.
  [[nodiscard]] bool recurs_in_step(const Mark& before, std::uint64_t tiles, Cycle period) const;
  /// How many more stretches of so many tiles: those that the preloads ask for meanwhile were drained before `past`.
  [[nodiscard]] std::uint64_t stretches_long_past(const Mark& before, std::uint64_t tiles, Cycle past) const;
  void move_on_by_steps(const Mark& before, Cycle period, std::uint64_t times);
  /// Times only.
  void move_in_time(Cycle shift) {
    for (std::size_t i = 0; i < asked_.size(); ++i) asked_[i] += shift;
    for (std::size_t i = 0; i < recent_.size(); ++i) recent_[i].cycle += shift;
  }
  void move_on_in_step(const Mark& before, std::uint64_t tiles, Cycle period, std::uint64_t times);

 private:
  void find_ask();
  void append_to_log(const EventRun& run) {
    if (log_->empty() || !join(log_->back(), run)) log_->push_back(run);
  }
  void next_ask() {
    ++ask_part_;
    find_ask();
  }
  void append(const EventRun& run) {
    if (recent_.empty() || !join(recent_.back(), run)) recent_.push_back(run);
  }
  void drop(std::uint64_t tiles);

  const std::vector<DmaJob>* jobs_;
  std::uint64_t total_ = 0;

  // The part of a store whose tiles come next, and how many tiles of the pass it waits for.
  std::size_t ask_job_ = 0, ask_part_ = 0;
  std::uint64_t ask_ = kUnknown;
  Ring<Cycle> asked_;  ///< times that stores have not taken yet

  bool keeps_ = false;
  Ring<EventRun> recent_;
  std::uint64_t first_ = 0;  ///< tile of the first time in it
  std::uint64_t keep_ = 0;
  std::vector<EventRun>* log_ = nullptr;
};

}  // namespace lnsim::fast
