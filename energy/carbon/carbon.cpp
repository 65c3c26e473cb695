// SPDX-License-Identifier: Apache-2.0
#include "energy/carbon/carbon.hpp"

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::carbon {

CarbonReport carbon_of(const IterationCost& iteration, const TrainingRun& run, std::uint64_t chips, const Pue& pue,
                       const Grid& grid, const std::optional<Range>& embodied_g_per_second) {
  constexpr double kJoulesPerKwh = 3.6e6;  // [J/kWh] energy; definition
  const double per_iteration =
      static_cast<double>(iteration.batch) * static_cast<double>(iteration.micro_batches) * static_cast<double>(chips);
  if (!(per_iteration > 0.0)) throw InputError("", "batch x micro_batches x chips", "0", "> 0");
  const double samples = run.samples * run.epochs;
  if (!(samples > 0.0)) throw InputError("run " + run.name, "samples x epochs", format_double(samples), "> 0");
  if (!(pue.value >= 1.0)) throw InputError("", "PUE", format_double(pue.value), ">= 1");
  CarbonReport report;
  report.iterations = samples / per_iteration;
  report.seconds = report.iterations * iteration.seconds;
  report.it_kwh = iteration.energy_j * static_cast<double>(chips) * report.iterations / kJoulesPerKwh;
  report.kwh = report.it_kwh * pue.value;
  report.operational_g = report.kwh * grid.g_per_kwh;
  report.total_g = report.operational_g;
  const Range length = (1.0 / run.epochs) * range_of(run.epochs, run.epochs_range);  // of the run, relative
  report.kwh_range = report.it_kwh * (length * range_of(pue.value, pue.range));
  report.operational_range_g = report.kwh_range * range_of(grid.g_per_kwh, grid.range);
  report.total_range_g = report.operational_range_g;
  if (embodied_g_per_second) {
    const double chip_seconds = report.seconds * static_cast<double>(chips);
    report.embodied_g = chip_seconds * embodied_g_per_second->mid;
    report.embodied_range_g = chip_seconds * (length * *embodied_g_per_second);
    report.total_range_g = report.total_range_g + *report.embodied_range_g;
    report.total_g += *report.embodied_g;
  }
  report.g_per_sample = report.total_g / samples;
  return report;
}

}  // namespace lnsim::carbon
