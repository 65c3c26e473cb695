// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sim/fast/cycle.hpp"
#include "sim/fast/ring.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim::fast {

/// Credits of one PE buffer: when its vectors were freed, as runs of evenly spaced events (docs/machine.md, G3).
class FreedVectors {
 public:
  /// `events` events of `vectors` vectors each, the first in `cycle`, one every `period`. Calls come in order of time.
  void add(Cycle cycle, Cycle period, std::uint64_t events, std::uint64_t vectors) {
    runs_.push_back({cycle, period, events, vectors});
  }
  /// First cycle that sees `count` vectors freed; kUnknown if not known yet. Counts must not fall from call to call.
  [[nodiscard]] Cycle seen(std::uint64_t count) {
    while (freed_ < count) {
      if (runs_.empty()) return kUnknown;
      Run& run = runs_.front();
      const std::uint64_t missing = count - freed_;
      const std::uint64_t events = missing <= run.vectors ? 1 : std::min(run.events, ceil_div(missing, run.vectors));
      seen_ = run.cycle + (events - 1) * run.period + 1;
      freed_ += events * run.vectors;
      run.cycle += events * run.period;
      run.events -= events;
      if (run.events == 0) runs_.pop_front();
    }
    return seen_;
  }

 private:
  struct Run {
    Cycle cycle, period;
    std::uint64_t events, vectors;
  };
  Ring<Run> runs_;
  std::uint64_t freed_ = 0;
  Cycle seen_ = 0;
};

}  // namespace lnsim::fast
