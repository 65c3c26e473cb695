// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/buffer_state.hpp"
#include "sim/fast/stalls.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::fast {

/// Vector unit or weight-update unit: one chunk of a sweep after the other (docs/machine.md, section 7).
class StreamUnit {
 public:
  StreamUnit(const SweepSchedule& schedule, BufferState& buffer);

  /// Works on chunks as far as what they need is known; true if it worked on one.
  bool advance();
  [[nodiscard]] bool done() const { return chunk_ == schedule_.steps().size(); }
  /// The cycle after the last beat.
  [[nodiscard]] Cycle end() const { return next_; }
  [[nodiscard]] std::string state() const { return "chunk " + std::to_string(chunk_); }
  void report(RunResult& result) const;
  [[nodiscard]] std::size_t chunk() const { return chunk_; }
  void watch(Timeline& timeline) { timeline_ = &timeline; }
  void visit(StateVisitor& state) {
    std::uint64_t chunk = chunk_;
    state.count(chunk);
    state.count(claims_);
    state.clock(next_);
    state.total(read_words_);
    state.total(write_words_);
    state.stalls(stalls_);
  }

 private:
  enum Cause : std::size_t { kOperands, kSpace, kDrain };

  const SweepSchedule& schedule_;
  BufferState& buffer_;
  Cycle pipeline_cycles_;
  std::size_t chunk_ = 0;
  std::uint64_t claims_ = 0;
  Cycle next_ = 0;
  std::uint64_t read_words_ = 0, write_words_ = 0;
  Stalls<3> stalls_;
  Timeline* timeline_ = nullptr;
};

}  // namespace lnsim::fast
