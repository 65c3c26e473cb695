// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dram_timing.hpp"

namespace lnsim::systemc {
namespace {

constexpr std::uint64_t kSpareSlots = 16;

}  // namespace

// Bandwidth model: at most one word per cycle enters the channel, and leaves it one DRAM latency and the time of its
// own transfer later. Banked model: a word enters it in the cycle before it is written.
std::uint64_t dram_fill_slots(const PassConfig& config) {
  const DramParams& dram = config.accelerator.dram;
  if (dram.model == DramModel::kBanked) return kSpareSlots;
  const double latency = dram.latency_ns * static_cast<double>(config.clock_hz) * 1e-9;
  return static_cast<std::uint64_t>(latency) + kSpareSlots;
}

// Banked model: writes on different channels may be done together, in which each has a burst at least.
std::uint64_t dram_write_slots(const PassConfig& config) {
  const DramParams& dram = config.accelerator.dram;
  constexpr std::uint64_t kBandwidthSlots = 8;
  if (dram.model == DramModel::kBandwidth) return kBandwidthSlots;
  return dram.banked->channels * dram.banked->queue + kSpareSlots;
}

}  // namespace lnsim::systemc
