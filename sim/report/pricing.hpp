// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "energy/accounting.hpp"
#include "energy/carbon/carbon.hpp"
#include "energy/data_energy.hpp"
#include "energy/technology.hpp"
#include "sim/report/footprint.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim::report {

/// What turns a trace into joules and grams.
struct Pricing {
  energy::Technology technology;
  carbon::Grid grid;
  std::vector<carbon::Grid> grids;  ///< all of the table, for readers of the HTML page
  carbon::TrainingRun run;
  carbon::Pue pue;
  std::optional<carbon::EmbodiedData> embodied;  ///< empty: not counted
  std::uint64_t chips = 1;                       ///< of the run, data parallel
};

/// Sums over the entries, times their repeats.
struct TraceTotals {
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  std::uint64_t issued_macs = 0;
  std::uint64_t dram_bytes = 0;
  double utilization = 0;  ///< macs / (cycles x PEs x L x V); 0 without cycles
};

/// A trace with all that follows from it and the prices. Everything that is printed comes from here.
struct PricedTrace {
  Trace trace;
  TraceTotals totals;
  energy::EnergyReport energy;
  std::vector<std::optional<energy::MeasuredEnergy>> data_energy;  ///< per entry: of passes with data
  FootprintBytes footprint;
  std::uint64_t chips_needed = 1;                  ///< whose memories together hold the footprint
  carbon::CarbonReport run_carbon;                 ///< of the whole run on all chips
  std::optional<carbon::EmbodiedReport> embodied;  ///< of one chip
  double iteration_kwh = 0;                        ///< with PUE
  double iteration_g = 0;
  std::uint64_t samples = 1;     ///< of an iteration
  std::optional<double> snr_db;  ///< of the scheme's formats (FormatSnr); in comparisons
};

/// Prices a trace. Throws InputError for what has no price, OverflowError for sums beyond 64 bits.
[[nodiscard]] PricedTrace price_trace(Trace trace, const Pricing& pricing);

/// Over the passes with data: energies of the iteration (times repeats), activity of the passes as simulated.
struct DataEnergySums {
  energy::DataEnergy nominal;
  energy::DataEnergy measured;
  DataActivity activity;
};
/// Empty without such passes.
[[nodiscard]] std::optional<DataEnergySums> data_energy_of(const PricedTrace& priced);

/// Energy per useful MAC in joules in a scope; 0 without MACs.
[[nodiscard]] double energy_per_mac_j(const PricedTrace& priced, energy::Scope scope);

}  // namespace lnsim::report
