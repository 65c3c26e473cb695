// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dram.hpp"

#include <cmath>
#include <numeric>

namespace lnsim::systemc {

Dram::Dram(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, Channel<DramRequest>& requests,
           Channel<FillWord>& responses)
    : Block(name, clock), requests_(requests), responses_(responses) {
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
  // Serves every request whose transfer starts before the end of this cycle (D1, D3).
  bool any = false;
  while (requests_.valid(now()) && bus_cycle_ <= now()) {
    const DramRequest request = requests_.front();
    requests_.pop(now());
    if (bus_cycle_ < now()) bus_cycle_ = now(), bus_ticks_ = 0;
    bus_ticks_ += request.bursts * ticks_per_burst_;
    bus_cycle_ += bus_ticks_ / ticks_per_cycle_;
    bus_ticks_ %= ticks_per_cycle_;
    const std::uint64_t done = bus_cycle_ + (bus_ticks_ > 0 ? 1 : 0);
    if (request.read) {
      read_bursts_ += request.bursts;
      responses_.push_later(now(), {request.bursts, request.region}, done + latency_cycles_ - now() - 1);
    } else {
      write_bursts_ += request.bursts;
      last_write_done_ = done;
    }
    any = true;
  }
  if (any || bus_cycle_ > now() || (bus_cycle_ == now() && bus_ticks_ > 0)) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), 1U << kIdle);
    if (requests_.empty()) sleep();
  }
}

void Dram::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                  std::uint64_t cycles) {
  counts[Action::kDramReadBursts] += read_bursts_;
  counts[Action::kDramWriteBursts] += write_bursts_;
  stalls_.report(stalls["dram"], cycles, kIdle);
}

}  // namespace lnsim::systemc
