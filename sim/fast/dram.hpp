// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/pass_config.hpp"
#include "sim/fast/cycle.hpp"
#include "sim/fast/state.hpp"

namespace lnsim::fast {

/// A time on the DRAM's data bus: ticks < ticks per cycle.
struct BusTime {
  Cycle cycle = 0;
  std::uint64_t ticks = 0;

  /// The first cycle in which the bus is past this time.
  [[nodiscard]] Cycle ceil() const { return cycle + (ticks > 0 ? 1 : 0); }
  friend auto operator<=>(const BusTime&, const BusTime&) = default;
};

/// DRAM as a bandwidth and a latency (docs/machine.md, section 4).
class Dram {
 public:
  explicit Dram(const PassConfig& config);

  struct Transfer {
    BusTime start, end;
    std::uint64_t words = 0;
  };
  /// The next transfer, which the DRAM sees from cycle `visible` on (D1).
  Transfer serve(Cycle visible, std::uint64_t bursts, bool read);
  /// Cycle in which word `index` of a load is written to the global buffer (D2).
  [[nodiscard]] Cycle filled(const Transfer& load, std::uint64_t index) const;

  [[nodiscard]] Cycle last_write_done() const { return last_write_done_; }
  void report(RunResult& result) const;
  void visit(StateVisitor& state) {
    state.time(free_from_.cycle);
    state.same(free_from_.ticks);
    state.time(busy_until_);
    state.time(last_write_done_);
    state.count(read_bursts_);
    state.count(write_bursts_);
    state.stalls(stalls_);
  }

 private:
  [[nodiscard]] BusTime after(BusTime from, std::uint64_t full_words) const;

  std::uint64_t ticks_per_cycle_ = 1, ticks_per_burst_ = 1;
  std::uint64_t bursts_per_word_;
  BusTime word_cost_;  ///< of a full word
  Cycle latency_;
  BusTime free_from_;
  Cycle busy_until_ = 0;
  Cycle last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0;
  Stalls<1> stalls_;
};

}  // namespace lnsim::fast
