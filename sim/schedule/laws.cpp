// SPDX-License-Identifier: Apache-2.0
// The laws of a GEMM pass, asserted after every run in every build type.
#include "sim/schedule/laws.hpp"

#include "sim/support/error.hpp"
#include "sim/support/wide.hpp"

namespace lnsim {

void check_gemm_laws(const GemmSchedule& schedule, const RunResult& result) {
  const PassConfig& config = schedule.config();
  const Counts& counts = result.counts;
  const auto text = [](std::uint64_t x, std::uint64_t y) { return std::to_string(x) + ", " + std::to_string(y); };

  LNSIM_CHECK(result.useful_macs == schedule.pass().macs(),
              "useful MACs are not the workload's: " + text(result.useful_macs, schedule.pass().macs()));
  LNSIM_CHECK(result.issued_macs >= result.useful_macs, "fewer MACs issued than useful");
  const std::uint64_t peak = config.accelerator.pes() * config.accelerator.pe.lanes * config.accelerator.pe.vector_size;
  LNSIM_CHECK(static_cast<Uint128>(result.cycles) * peak >= result.useful_macs, "utilization above 1");
  LNSIM_CHECK(result.cycles >= result.lanes_busy_cycles, "fewer cycles than the lanes worked");

  // Every output has one final drain and as many partial drains as preloads.
  std::uint64_t outputs = 0;
  for (const Gemm& gemm : schedule.pass().gemms) outputs += gemm.m * gemm.n * gemm.count();
  LNSIM_CHECK(counts[Action::kPpuOutputs] == outputs,
              "final drains are not the outputs: " + text(counts[Action::kPpuOutputs], outputs));
  LNSIM_CHECK(counts[Action::kPpuPartials] == counts[Action::kCollectorPreloads], "partial drains are not preloads");
  LNSIM_CHECK(counts[Action::kCollectorDrains] == counts[Action::kPpuOutputs] + counts[Action::kPpuPartials],
              "collector and PPU count different drains");

  const std::uint64_t bursts = counts[Action::kDramReadBursts] + counts[Action::kDramWriteBursts];
  LNSIM_CHECK(bursts * config.accelerator.dram.burst_bytes >= schedule.compulsory_bytes(),
              "DRAM bytes below the compulsory: " +
                  text(bursts * config.accelerator.dram.burst_bytes, schedule.compulsory_bytes()));
  for (const auto& [module, causes] : result.stalls) {
    std::uint64_t sum = 0;
    for (const auto& [cause, cycles] : causes) sum += cycles;
    LNSIM_CHECK(sum % result.cycles == 0 && sum >= result.cycles, module + ": busy and stalls are not the cycles");
  }
}

}  // namespace lnsim
