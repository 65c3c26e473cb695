// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/fast/dram.hpp"
#include "sim/fast/stalls.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/support/wide.hpp"

namespace lnsim::fast {
namespace {

/// DRAM as a bandwidth and a latency (docs/machine.md, section 4).
class BandwidthDram final : public DramTiming {
 public:
  explicit BandwidthDram(const PassConfig& config);

  DramTransfer serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList& addresses) override;
  [[nodiscard]] Cycle filled(const DramTransfer& load, std::uint64_t index) const override;
  [[nodiscard]] Cycle last_write_done() const override { return last_write_done_; }
  void report(RunResult& result) const override;
  void visit(StateVisitor& state) override {
    state.time(free_from_);
    state.time(busy_until_);
    state.count(last_write_done_);  // that of the last step is computed
    state.total(read_bursts_);
    state.total(write_bursts_);
    state.stalls(stalls_);
  }
  [[nodiscard]] bool recurs() const override { return true; }
  void watch(Timeline& timeline) override { timeline_ = &timeline; }
  void forget_past(Cycle cycle) override {
    if (free_from_ <= cycle) free_from_ = 0;
    if (busy_until_ <= cycle) busy_until_ = 0;
  }
  void forget_past(DramTransfer& load, Cycle cycle) const override {
    // What would have begun with the pass was there even earlier.
    if (filled(load, load.words - 1) + 1 < cycle) load.start = load.end = {};
  }

 private:
  [[nodiscard]] BusTime after(BusTime from, std::uint64_t full_words) const;

  std::uint64_t ticks_per_cycle_ = 1, ticks_per_burst_ = 1;
  std::uint64_t bursts_per_word_;
  BusTime word_cost_;  ///< of a full word
  Cycle latency_;
  Cycle free_from_ = 0;
  Cycle busy_until_ = 0;
  Cycle last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0;
  Stalls<1> stalls_;
  Timeline* timeline_ = nullptr;
  std::uint64_t transfers_ = 0;  ///< that the timeline has
};

BandwidthDram::BandwidthDram(const PassConfig& config)
    : bursts_per_word_(config.accelerator.global_buffer.word_bytes / config.accelerator.dram.burst_bytes) {
  const DramParams& dram = config.accelerator.dram;
  const std::uint64_t cost = dram.burst_bytes * config.clock_hz;
  const std::uint64_t divisor = std::gcd(cost, dram.bandwidth_bytes_per_second);
  ticks_per_burst_ = cost / divisor;
  ticks_per_cycle_ = dram.bandwidth_bytes_per_second / divisor;
  const Uint128 ticks = std::max<Uint128>(Uint128{bursts_per_word_} * ticks_per_burst_, ticks_per_cycle_);
  word_cost_ = {static_cast<Cycle>(ticks / ticks_per_cycle_), static_cast<std::uint64_t>(ticks % ticks_per_cycle_)};
  // Rounded up to a whole cycle; the small guard keeps an exact product from being rounded up by binary64.
  latency_ = static_cast<Cycle>(std::ceil(dram.latency_ns * static_cast<double>(config.clock_hz) * 1e-9 - 1e-9));
}

BusTime BandwidthDram::after(BusTime from, std::uint64_t full_words) const {
  const Uint128 ticks = from.ticks + Uint128{full_words} * word_cost_.ticks;
  return {from.cycle + full_words * word_cost_.cycle + static_cast<Cycle>(ticks / ticks_per_cycle_),
          static_cast<std::uint64_t>(ticks % ticks_per_cycle_)};
}

DramTransfer BandwidthDram::serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList&) {
  DramTransfer transfer;
  transfer.start = {std::max(visible, free_from_), 0};
  transfer.words = ceil_div(bursts, bursts_per_word_);
  transfer.end = transfer.start;
  if (bursts > 0) {
    // All words but the last are full.
    const BusTime last = after(transfer.start, transfer.words - 1);
    const std::uint64_t rest = bursts - (transfer.words - 1) * bursts_per_word_;
    const Uint128 ticks = last.ticks + std::max<Uint128>(Uint128{rest} * ticks_per_burst_, ticks_per_cycle_);
    transfer.end = {last.cycle + static_cast<Cycle>(ticks / ticks_per_cycle_),
                    static_cast<std::uint64_t>(ticks % ticks_per_cycle_)};
    // Transfers may share the cycle in which one ends and the next begins.
    const Cycle begin = std::max(transfer.start.cycle, busy_until_);
    busy_until_ = transfer.end.ceil();
    if (begin < busy_until_) stalls_.busy(busy_until_ - begin);
  }
  free_from_ = transfer.end.ceil();
  if (timeline_ != nullptr) {
    timeline_->add({read ? TimelineTrack::kDramRead : TimelineTrack::kDramWrite, 0, transfer.start.cycle,
                    transfer.end.ceil(), transfers_++});
  }
  (read ? read_bursts_ : write_bursts_) += bursts;
  if (!read) last_write_done_ = transfer.end.ceil();  // D3
  return transfer;
}

Cycle BandwidthDram::filled(const DramTransfer& load, std::uint64_t index) const {
  const BusTime end = index + 1 == load.words ? load.end : after(load.start, index + 1);
  return end.ceil() + latency_;
}

void BandwidthDram::report(RunResult& result) const {
  result.counts[Action::kDramReadBursts] += read_bursts_;
  result.counts[Action::kDramWriteBursts] += write_bursts_;
  stalls_.report(result.stalls, "dram", {"idle"}, result.cycles);
}

}  // namespace

std::unique_ptr<DramTiming> make_bandwidth_dram(const PassConfig& config) {
  return std::make_unique<BandwidthDram>(config);
}

}  // namespace lnsim::fast
