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

  /// Goes on as far as what it needs is known; true if it went on.
  bool advance();
  [[nodiscard]] bool done() const { return job_ == jobs_.size(); }
  [[nodiscard]] std::string state() const;
  void report(RunResult& result) const;
  /// The jobs that it has finished, and parts of the one at hand.
  [[nodiscard]] std::size_t job() const { return job_; }
  [[nodiscard]] std::size_t part() const { return chunk_; }
  /// Forgets when transfers started, and until when the DRAM was busy, where it can go on later only.
  void forget_past() {
    for (Cycle& started : started_) {
      if (started + 1 <= next_) started = 0;
    }
    dram_.forget_past(next_);
  }
  void visit(StateVisitor& state) {
    state.rotating(started_, transfers_);
    state.count(job_);
    state.count(chunk_);
    state.time(idle_from_);
    state.clock(next_);
    for (std::uint64_t* total : {&read_bursts_, &write_bursts_, &fill_words_, &store_words_}) state.total(*total);
    state.stalls(stalls_);
  }

 private:
  enum Cause : std::size_t { kClaim, kRequest, kDrain, kWaitDram, kDone };

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
  std::vector<Cycle> started_;  ///< start cycles of the last queue_depth transfers
  std::uint64_t transfers_ = 0;
  std::size_t job_ = 0;
  std::size_t chunk_ = 0;
  Cycle idle_from_ = 0;  ///< the cycle after the last claim or issue
  Cycle next_;           ///< first cycle in which the next claim or issue can be
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0, fill_words_ = 0, store_words_ = 0;
  Stalls<5> stalls_;
};

}  // namespace lnsim::fast
