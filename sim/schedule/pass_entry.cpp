// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/pass_entry.hpp"

#include <algorithm>

#include "sim/support/wide.hpp"

namespace lnsim {
namespace {

/// Least cycles that each resource alone would need for what the run moved.
void add_bounds(TraceEntry& entry, const RunResult& run, const PassConfig& config) {
  const auto cycles_of = [](std::uint64_t amount, std::uint64_t rate) { return (amount + rate - 1) / rate; };
  const Counts& counts = run.counts;
  auto& bounds = entry.bounds_cycles;
  const DramParams& dram = config.accelerator.dram;
  const std::uint64_t bursts = counts[Action::kDramReadBursts] + counts[Action::kDramWriteBursts];
  const auto dram_cycles = static_cast<std::uint64_t>(
      (static_cast<Uint128>(bursts) * dram.burst_bytes * config.clock_hz + dram.bandwidth_bytes_per_second - 1) /
      dram.bandwidth_bytes_per_second);
  bounds["dram"] += dram_cycles;
  if (run.issued_macs == 0) {
    std::uint64_t busy = 0;
    for (const char* unit : {"vector_unit", "update_unit"}) {
      const auto found = run.stalls.find(unit);
      if (found != run.stalls.end()) busy = found->second.at("busy");
    }
    bounds["vector"] += busy;
    return;
  }
  const std::uint64_t pes = config.accelerator.pes();
  bounds["compute"] += run.lanes_busy_cycles;
  bounds["operand_a"] += cycles_of(counts[Action::kBufferAReadVectors], config.accelerator.pe.a_port_vectors * pes);
  bounds["operand_b"] += cycles_of(counts[Action::kBufferBReadVectors], pes);
  bounds["drain"] += cycles_of(counts[Action::kCollectorDrains], config.accelerator.pe.ppu_width * pes);
  bounds["network"] += std::max({counts[Action::kGlobalBufferAWords], counts[Action::kGlobalBufferBWords],
                                 counts[Action::kGlobalBufferDrainWords], counts[Action::kGlobalBufferPreloadWords]});
  bounds["global_buffer"] += std::max(counts[Action::kGlobalBufferFillWords], counts[Action::kGlobalBufferStoreWords]);
}

/// Adds a run of the pass's GEMMs or sweeps to its entry.
void add_run(TraceEntry& entry, const RunResult& run, const PassConfig& config) {
  entry.cycles += run.cycles;
  for (const auto& [module, causes] : run.stalls) {
    for (const auto& [cause, cycles] : causes) entry.stalls[module][cause] += cycles;
  }
  entry.counts += run.counts;
  entry.issued_macs += run.issued_macs;
  add_bounds(entry, run, config);
}

/// Parts of a convolution pass of equal shape are one line.
std::vector<GemmShape> shapes(const LayerPass& pass) {
  std::vector<GemmShape> shapes;
  for (const Gemm& gemm : pass.gemms) {
    const GemmShape shape{gemm.m, gemm.n, gemm.k, gemm.count(), 1};
    const auto same = std::find_if(shapes.begin(), shapes.end(), [&](const GemmShape& other) {
      return other.m == shape.m && other.n == shape.n && other.k == shape.k && other.groups == shape.groups;
    });
    if (same == shapes.end()) {
      shapes.push_back(shape);
    } else {
      ++same->repeat;
    }
  }
  return shapes;
}

}  // namespace

TraceEntry describe_pass(const PassPlan& plan) {
  TraceEntry entry;
  entry.layer = plan.pass.layer;
  entry.type = plan.pass.type;
  entry.pass = plan.pass.kind;
  entry.repeat = plan.pass.repeat;
  entry.gemms = shapes(plan.pass);
  entry.formats = plan.formats;
  entry.macs = plan.pass.macs();
  return entry;
}

TraceEntry make_entry(const PassPlan& plan, const GemmSchedule* schedule, const RunResult* gemms,
                      const RunResult* sweeps) {
  TraceEntry entry = describe_pass(plan);
  if (gemms != nullptr) {
    add_run(entry, *gemms, schedule->config());
    entry.compulsory_dram_bytes += schedule->compulsory_bytes();
    for (const Step& step : schedule->steps()) {
      if (step.gemm == entry.mappings.size()) entry.mappings.push_back(write_mapping(schedule->mapping(step)));
    }
    // Formats in the machine's order: operand A is the side that the mapping chose.
    if (schedule->mapping(schedule->steps().front()).operand_a == Side::kN) {
      std::swap(entry.formats.a, entry.formats.b);
    }
  }
  if (sweeps != nullptr) {
    add_run(entry, *sweeps, plan.config);
    entry.compulsory_dram_bytes += compulsory_bytes(plan.sweeps);
  }
  std::uint64_t most = 0;
  for (const auto& [bound, cycles] : entry.bounds_cycles) {
    if (cycles > most) most = cycles, entry.bound_by = bound;
  }
  return entry;
}

}  // namespace lnsim
