// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dram.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lnsim::systemc {

Dram::Dram(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config,
           Channel<TransferRequest>& requests, Channel<FillWord>& fills, Channel<WriteDone>& writes_done)
    : Block(name, clock),
      requests_(requests),
      fills_(fills),
      writes_done_(writes_done),
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
  requests_.set_consumer(this);
}

void Dram::tick() {
  // Moves every word whose transfer starts before the end of this cycle.
  bool any = false;
  while (bus_cycle_ <= now() && (bursts_left_ > 0 || next_transfer())) {
    move_word();
    any = true;
  }
  if (any || bus_cycle_ > now() || (bus_cycle_ == now() && bus_ticks_ > 0)) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), 1U << kIdle);
    if (idle()) sleep();
  }
}

// D1: starts as soon as the request is there and the bus is free.
bool Dram::next_transfer() {
  if (!requests_.valid(now())) return false;
  transfer_ = requests_.front();
  requests_.pop(now());
  bursts_left_ = transfer_.bursts;
  if (bus_cycle_ < now()) bus_cycle_ = now(), bus_ticks_ = 0;
  return true;
}

void Dram::move_word() {
  const auto bursts = static_cast<std::uint32_t>(std::min<std::uint64_t>(bursts_per_word_, bursts_left_));
  bursts_left_ -= bursts;
  bus_ticks_ += std::max(bursts * ticks_per_burst_, ticks_per_cycle_);
  bus_cycle_ += bus_ticks_ / ticks_per_cycle_;
  bus_ticks_ %= ticks_per_cycle_;
  const std::uint64_t done = bus_cycle_ + (bus_ticks_ > 0 ? 1 : 0);
  if (transfer_.read) {
    read_bursts_ += bursts;
    // D2.
    if (transfer_.fills_buffer)
      fills_.push_later(now(), {bursts, transfer_.region}, done + latency_cycles_ - now() - 1);
    return;
  }
  write_bursts_ += bursts;
  last_write_done_ = done;
  // D3.
  if (bursts_left_ == 0) writes_done_.push_later(now(), {transfer_.region, transfer_.free_bytes}, done - now() - 1);
}

void Dram::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kDramReadBursts] += read_bursts_;
  counts[Action::kDramWriteBursts] += write_bursts_;
  stalls_.report(stalls["dram"], cycles, kIdle);
}

}  // namespace lnsim::systemc
