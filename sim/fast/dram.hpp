// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/fast/cycle.hpp"
#include "sim/fast/state.hpp"
#include "sim/schedule/burst_list.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::fast {

/// A time on the DRAM's data bus: ticks < ticks per cycle. The banked model has whole cycles only.
struct BusTime {
  Cycle cycle = 0;
  std::uint64_t ticks = 0;

  /// The first cycle in which the bus is past this time.
  [[nodiscard]] Cycle ceil() const { return cycle + (ticks > 0 ? 1 : 0); }
  friend auto operator<=>(const BusTime&, const BusTime&) = default;
};

/// One transfer as the DRAM served it.
struct DramTransfer {
  BusTime start, end;
  std::uint64_t words = 0;
  std::shared_ptr<const std::vector<Cycle>> filled;  ///< banked model: of each word of a load
};

/// A timing model of the DRAM. Transfers come in the DMA's order.
class DramTiming {
 public:
  virtual ~DramTiming() = default;
  virtual DramTransfer serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList& addresses) = 0;
  [[nodiscard]] virtual Cycle filled(const DramTransfer& load, std::uint64_t index) const = 0;
  [[nodiscard]] virtual Cycle last_write_done() const = 0;
  virtual void report(RunResult& result) const = 0;
  /// The model's state, for jumps over recurring steps. Requires recurs().
  virtual void visit(StateVisitor& state) = 0;
  /// Whether its state can recur.
  [[nodiscard]] virtual bool recurs() const = 0;
  /// Forgets when it was busy last if that was before `cycle`, before which it sees no transfer.
  virtual void forget_past(Cycle cycle) = 0;
  /// Every transfer from now on goes into the timeline.
  virtual void watch(Timeline& timeline) = 0;
  /// Forgets when words of a load were there that were all seen before `cycle`.
  virtual void forget_past(DramTransfer& load, Cycle cycle) const = 0;
};
[[nodiscard]] std::unique_ptr<DramTiming> make_bandwidth_dram(const PassConfig& config);
[[nodiscard]] std::unique_ptr<DramTiming> make_banked_dram(const PassConfig& config);

/// DRAM under the model that the accelerator chooses (docs/machine.md, sections 4 and 4b).
class Dram {
 public:
  explicit Dram(const PassConfig& config)
      : timing_(config.accelerator.dram.model == DramModel::kBanked ? make_banked_dram(config)
                                                                    : make_bandwidth_dram(config)) {}

  using Transfer = DramTransfer;
  /// The next transfer, which the DRAM sees from cycle `visible` on (D1).
  Transfer serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList& addresses) {
    return timing_->serve(visible, bursts, read, addresses);
  }
  /// Cycle in which word `index` of a load is written to the global buffer (D2, B10).
  [[nodiscard]] Cycle filled(const Transfer& load, std::uint64_t index) const { return timing_->filled(load, index); }
  [[nodiscard]] Cycle last_write_done() const { return timing_->last_write_done(); }
  void report(RunResult& result) const { timing_->report(result); }
  void visit(StateVisitor& state) { timing_->visit(state); }
  [[nodiscard]] bool recurs() const { return timing_->recurs(); }
  void watch(Timeline& timeline) { timing_->watch(timeline); }
  void forget_past(Cycle cycle) { timing_->forget_past(cycle); }
  void forget_past(Transfer& load, Cycle cycle) const { timing_->forget_past(load, cycle); }

 private:
  std::unique_ptr<DramTiming> timing_;
};

}  // namespace lnsim::fast
