// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "energy/carbon/embodied.hpp"
#include "energy/technology.hpp"
#include "sim/support/json.hpp"

namespace lnsim::carbon {

/// Carbon intensity of electricity.
struct Grid {
  std::string region;  ///< "DEU", "USA", or a cloud region
  std::string name;
  double g_per_kwh = 0;
  std::string year;  ///< empty where the source gives none
  std::string source;
  std::string kind;              ///< "country", "cloud_region", ...: bases differ, not to be mixed in one comparison
  std::optional<Range> range{};  ///< of g_per_kwh; the table has none
};

/// Reads configs/grids/grid_intensity.csv. Throws InputError with the line.
[[nodiscard]] std::vector<Grid> read_grids(const std::filesystem::path& path);

/// The grid with that code, else that name; countries first, then the order of the table; letter case is ignored.
/// Throws InputError with the nearest code or name.
[[nodiscard]] const Grid& find_grid(const std::vector<Grid>& grids, std::string_view code_or_name);

/// find_grid(), or a grid of the reader's own for a text that begins with a digit: g CO2e/kWh, "380" or "20:380:700"
/// (parse_range). Throws InputError.
[[nodiscard]] Grid grid_of(const std::vector<Grid>& grids, const std::string& text);

/// A training run: what is processed, wherever it runs.
struct TrainingRun {
  std::string name;
  std::string description;
  double samples = 0;  ///< per epoch
  double epochs = 0;
  std::optional<std::uint64_t> batch;  ///< batch of the published recipe, for information
  std::string source;
  std::optional<Range> epochs_range{};  ///< recipes differ in how long they train
};

/// Reads configs/runs/<name>.json ("lnsim.run/1"). Throws InputError.
[[nodiscard]] TrainingRun read_run(const std::filesystem::path& path);
[[nodiscard]] Json run_schema();

/// Power usage effectiveness: facility energy over IT energy.
struct Pue {
  double value = 1;
  std::string who;
  int year = 0;
  std::string source;
  std::optional<Range> range{};
};

/// The default of configs/grids/data/pue.json; its range is from the least to the greatest value published there.
/// Throws InputError.
[[nodiscard]] Pue read_default_pue(const std::filesystem::path& path);

/// One iteration on one chip, as simulated.
struct IterationCost {
  double energy_j = 0;
  double seconds = 0;
  std::uint64_t batch = 1;
  std::uint64_t micro_batches = 1;
};

/// What a run costs, in all its chips. embodied_g: their share of the carbon of making them, for the time of the run;
/// empty without data, and then total_g is the operational part alone.
struct CarbonReport {
  double iterations = 0;     ///< samples x epochs / (batch x micro_batches x chips)
  double seconds = 0;        ///< run time: iterations x seconds per iteration
  double it_kwh = 0;         ///< of all chips
  double kwh = 0;            ///< it_kwh x PUE
  double operational_g = 0;  ///< kwh x grid intensity
  std::optional<double> embodied_g;
  std::optional<Range> embodied_range_g;
  double total_g = 0;
  double g_per_sample = 0;  ///< software carbon intensity, functional unit: a sample processed
  // What the ranges of epochs, PUE, grid and hardware make of these figures; without width where no factor has one.
  Range kwh_range;
  Range operational_range_g;
  Range total_range_g;
};

/// Operational carbon of a run on `chips` equal chips (data parallel, communication not counted). Every chip spends
/// energy_j per iteration, so the energy of a run does not depend on the number of chips. Throws InputError for a run
/// or an iteration without samples, chips = 0, PUE < 1.
/// embodied_g_per_second: of one chip.
[[nodiscard]] CarbonReport carbon_of(const IterationCost& iteration, const TrainingRun& run, std::uint64_t chips,
                                     const Pue& pue, const Grid& grid,
                                     const std::optional<Range>& embodied_g_per_second = {});

}  // namespace lnsim::carbon
