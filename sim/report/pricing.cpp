// SPDX-License-Identifier: Apache-2.0
#include "sim/report/pricing.hpp"

#include <utility>

#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

TraceTotals totals_of(const Trace& trace) {
  TraceTotals totals;
  const auto add = [](std::uint64_t& sum, std::uint64_t value, std::uint64_t times) {
    sum = checked_add(sum, checked_mul(value, times));
  };
  for (const TraceEntry& entry : trace.entries) {
    add(totals.cycles, entry.cycles, entry.repeat);
    add(totals.macs, entry.macs, entry.repeat);
    add(totals.issued_macs, entry.issued_macs, entry.repeat);
    const std::uint64_t bursts =
        checked_add(entry.counts[Action::kDramReadBursts], entry.counts[Action::kDramWriteBursts]);
    add(totals.dram_bytes, checked_mul(bursts, trace.accelerator.dram.burst_bytes), entry.repeat);
  }
  const PeParams& pe = trace.accelerator.pe;
  const double peak =
      static_cast<double>(totals.cycles) * static_cast<double>(trace.accelerator.pes() * pe.lanes * pe.vector_size);
  if (totals.cycles > 0) totals.utilization = static_cast<double>(totals.macs) / peak;
  return totals;
}

}  // namespace

PricedTrace price_trace(Trace trace, const Pricing& pricing) {
  constexpr double kJoulesPerKwh = 3.6e6;
  PricedTrace priced;
  priced.totals = totals_of(trace);
  priced.energy = energy::price(trace.entries, trace.accelerator, trace.scheme, pricing.technology,
                                static_cast<double>(trace.clock_hz), energy::optimizers_of(trace.scheme, trace.family));
  priced.data_energy.resize(trace.entries.size());
  if (trace.data) {
    energy::DataPricer data_pricer(trace.accelerator, trace.scheme, pricing.technology,
                                   energy::optimizers_of(trace.scheme, trace.family));
    for (std::size_t i = 0; i < trace.entries.size(); ++i) priced.data_energy[i] = data_pricer.price(trace.entries[i]);
  }
  priced.footprint = footprint_bytes(trace.footprint, trace.scheme, trace.family, trace.micro_batches);
  priced.chips_needed = chips_needed(priced.footprint, trace.accelerator.dram.capacity_bytes);
  std::optional<carbon::Range> embodied_g_per_second;
  if (pricing.embodied) {
    const DramParams& dram = trace.accelerator.dram;
    priced.embodied = carbon::embodied_of({priced.energy.chip_area_mm2, pricing.technology.node_nm, dram.type,
                                           checked_mul(dram.capacity_bytes, priced.chips_needed)},
                                          *pricing.embodied);
    embodied_g_per_second = priced.embodied->g_per_second;
  }
  priced.run_carbon =
      carbon::carbon_of({priced.energy.total_j, priced.energy.seconds, trace.batch, trace.micro_batches}, pricing.run,
                        pricing.chips, pricing.pue, pricing.grid, embodied_g_per_second);
  priced.iteration_kwh = priced.energy.total_j / kJoulesPerKwh * pricing.pue.value;
  priced.iteration_g = priced.iteration_kwh * pricing.grid.g_per_kwh;
  priced.samples = checked_mul(trace.batch, trace.micro_batches);
  priced.trace = std::move(trace);
  return priced;
}

std::optional<DataEnergySums> data_energy_of(const PricedTrace& priced) {
  std::optional<DataEnergySums> sums;
  for (std::size_t i = 0; i < priced.data_energy.size(); ++i) {
    if (!priced.data_energy[i]) continue;
    if (!sums) sums.emplace();
    const auto repeat = static_cast<double>(priced.trace.entries[i].repeat);
    sums->nominal.add(priced.data_energy[i]->nominal, repeat);
    sums->measured.add(priced.data_energy[i]->measured, repeat);
    sums->activity += priced.trace.entries[i].data->activity;
  }
  return sums;
}

double energy_per_mac_j(const PricedTrace& priced, energy::Scope scope) {
  if (priced.totals.macs == 0) return 0.0;
  return priced.energy.scope_j[static_cast<std::size_t>(scope)] / static_cast<double>(priced.totals.macs);
}

}  // namespace lnsim::report
