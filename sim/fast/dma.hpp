// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/fast/buffer_state.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

/// DMA: claims space and issues transfers in the order of the schedule's jobs (docs/machine.md, section 3).
class Dma {
 public:
  Dma(const PassConfig& config, const std::vector<DmaJob>& jobs, BufferState& buffer, Dram& dram);

  enum Cause : std::size_t { kClaim, kRequest, kDrain, kWaitDram, kDone };
  /// All that changes.
  struct State {
    std::vector<Cycle> started;  ///< start cycles of the last queue_depth transfers
    std::uint64_t transfers = 0;
    std::size_t job = 0;
    std::size_t chunk = 0;
    Cycle idle_from = 0;  ///< the cycle after the last claim or issue
    Cycle next = 0;       ///< first cycle in which the next claim or issue can be
    std::uint64_t read_bursts = 0, write_bursts = 0, fill_words = 0, store_words = 0;
    Stalls<5> stalls;
  };

  /// Goes on as far as what it needs is known; true if it went on.
  bool advance();
  /// To come back to it later.
  [[nodiscard]] const State& all() const { return s_; }
  void come_back(const State& state) { s_ = state; }
  [[nodiscard]] bool done() const { return s_.job == jobs_.size(); }
  [[nodiscard]] std::string state() const;
  void report(RunResult& result) const;
  /// The jobs that it has finished, and parts of the one at hand.
  [[nodiscard]] std::size_t job() const { return s_.job; }
  [[nodiscard]] std::size_t part() const { return s_.chunk; }
  /// Forgets when transfers started, and until when the DRAM was busy, where it can go on later only.
  void forget_past() {
    for (Cycle& started : s_.started) {
      if (started + 1 <= s_.next) started = 0;
    }
    dram_.forget_past(s_.next);
  }
  void visit(StateVisitor& state) {
    state.rotating(s_.started, s_.transfers);
    state.count(s_.job);
    state.count(s_.chunk);
    state.time(s_.idle_from);
    state.clock(s_.next);
    for (std::uint64_t* total : {&s_.read_bursts, &s_.write_bursts, &s_.fill_words, &s_.store_words})
      state.total(*total);
    state.stalls(s_.stalls);
  }

 private:
  bool load(const DmaJob& job);
  bool write(const DmaJob& job);
  void parameters(const DmaJob& job);
  void act(Cycle cycle, Cause cause);
  [[nodiscard]] Cycle queue_slot() const;
  Dram::Transfer transfer(Cycle issued, std::uint64_t bursts, bool read, Cycle more_cycles, const BurstList& addresses);
  void next_job();

  const std::vector<DmaJob>& jobs_;
  BufferState& buffer_;
  Dram& dram_;
  Cycle request_cycles_, store_read_cycles_;
  State s_;
};

}  // namespace lnsim::fast
