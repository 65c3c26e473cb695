// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/systemc/dram_timing.hpp"
#include "sim/systemc/stalls.hpp"

namespace lnsim::systemc {
namespace {

/// DRAM, bandwidth model: a data bus of rational bandwidth, served in order, and a fixed latency (docs/machine.md,
/// section 4). The remainder of the division bandwidth / clock is state, so no fraction of a burst is lost.
class BandwidthDram final : public DramTiming {
 public:
  BandwidthDram(const PassConfig& config, const DramLinks& links);

  bool tick(std::uint64_t now) override;
  [[nodiscard]] bool idle() const override { return links_.requests.empty() && bursts_left_ == 0; }
  [[nodiscard]] std::uint64_t last_write_done() const override { return last_write_done_; }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles) override;
  void watch(Timeline& timeline) override { timeline_ = &timeline; }
  [[nodiscard]] bool on_bus(std::uint64_t cycle) const override {
    return bus_cycle_ > cycle || (bus_cycle_ == cycle && bus_ticks_ > 0);
  }

 private:
  bool next_transfer(std::uint64_t now);
  void move_word(std::uint64_t now);

  DramLinks links_;
  std::uint64_t ticks_per_cycle_ = 1;  ///< G
  std::uint64_t ticks_per_burst_ = 1;  ///< C
  std::uint64_t latency_cycles_ = 0;
  std::uint32_t bursts_per_word_;
  /// The bus is free from this cycle on, so many ticks into it. Apart, since their sum in ticks may exceed 64 bits.
  std::uint64_t bus_cycle_ = 0;
  std::uint64_t bus_ticks_ = 0;
  TransferRequest transfer_;
  std::uint64_t bursts_left_ = 0;  ///< of the transfer
  std::uint64_t last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0;
  std::uint64_t write_bursts_ = 0;
  enum Cause : unsigned { kIdle };
  Stalls<1> stalls_{{"idle"}};
  Timeline* timeline_ = nullptr;
  std::uint64_t transfers_ = 0;       ///< taken
  std::uint64_t transfer_begin_ = 0;  ///< of the transfer at hand
};

BandwidthDram::BandwidthDram(const PassConfig& config, const DramLinks& links)
    : links_(links),
      bursts_per_word_(static_cast<std::uint32_t>(config.accelerator.global_buffer.word_bytes /
                                                  config.accelerator.dram.burst_bytes)) {
  const DramParams& dram = config.accelerator.dram;
  // Burst time in cycles = burst_bytes * clock / bandwidth, as a reduced fraction.
  const std::uint64_t cost = dram.burst_bytes * config.clock_hz;
  const std::uint64_t divisor = std::gcd(cost, dram.bandwidth_bytes_per_second);
  ticks_per_burst_ = cost / divisor;
  ticks_per_cycle_ = dram.bandwidth_bytes_per_second / divisor;
  // Rounded up to a whole cycle; the small guard keeps an exact product from being rounded up by binary64.
  latency_cycles_ =
      static_cast<std::uint64_t>(std::ceil(dram.latency_ns * static_cast<double>(config.clock_hz) * 1e-9 - 1e-9));
}

bool BandwidthDram::tick(std::uint64_t now) {
  // Moves every word whose transfer starts before the end of this cycle.
  bool any = false;
  while (bus_cycle_ <= now && (bursts_left_ > 0 || next_transfer(now))) {
    move_word(now);
    any = true;
  }
  if (any || bus_cycle_ > now || (bus_cycle_ == now && bus_ticks_ > 0)) {
    stalls_.busy(now);
  } else {
    stalls_.blocked(now, 1U << kIdle);
    return !idle();
  }
  return true;
}

// D1: starts in the first cycle in which the request is there and the bus is free.
bool BandwidthDram::next_transfer(std::uint64_t now) {
  if (!links_.requests.valid(now) || (bus_cycle_ == now && bus_ticks_ > 0)) return false;
  transfer_ = links_.requests.front();
  links_.requests.pop(now);
  bursts_left_ = transfer_.bursts;
  if (bus_cycle_ < now) bus_cycle_ = now, bus_ticks_ = 0;
  ++transfers_;
  transfer_begin_ = bus_cycle_;
  return true;
}

void BandwidthDram::move_word(std::uint64_t now) {
  const auto bursts = static_cast<std::uint32_t>(std::min<std::uint64_t>(bursts_per_word_, bursts_left_));
  bursts_left_ -= bursts;
  bus_ticks_ += std::max(bursts * ticks_per_burst_, ticks_per_cycle_);
  bus_cycle_ += bus_ticks_ / ticks_per_cycle_;
  bus_ticks_ %= ticks_per_cycle_;
  const std::uint64_t done = bus_cycle_ + (bus_ticks_ > 0 ? 1 : 0);
  if (bursts_left_ == 0 && timeline_ != nullptr) {
    timeline_->add({transfer_.read ? TimelineTrack::kDramRead : TimelineTrack::kDramWrite, 0, transfer_begin_, done,
                    transfers_ - 1});
  }
  if (transfer_.read) {
    read_bursts_ += bursts;
    // D2.
    if (transfer_.fills_buffer)
      links_.fills.push_later(now, {bursts, transfer_.region}, done + latency_cycles_ - now - 1);
    return;
  }
  write_bursts_ += bursts;
  last_write_done_ = done;
  // D3.
  if (bursts_left_ == 0) links_.writes_done.push_later(now, {transfer_.region, transfer_.free_bytes}, done - now - 1);
}

void BandwidthDram::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kDramReadBursts] += read_bursts_;
  counts[Action::kDramWriteBursts] += write_bursts_;
  stalls_.report(stalls["dram"], cycles, kIdle);
}

}  // namespace

std::unique_ptr<DramTiming> make_bandwidth_dram(const PassConfig& config, const DramLinks& links) {
  return std::make_unique<BandwidthDram>(config, links);
}

}  // namespace lnsim::systemc
