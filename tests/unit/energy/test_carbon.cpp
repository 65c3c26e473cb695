// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "energy/carbon/carbon.hpp"
#include "sim/support/error.hpp"

using namespace lnsim;
using namespace lnsim::carbon;

namespace {

const std::string kConfigs = std::string(LNSIM_SOURCE_DIR) + "/configs/";

const std::vector<Grid>& grids() {
  static const std::vector<Grid> table = read_grids(kConfigs + "grids/grid_intensity.csv");
  return table;
}

}  // namespace

TEST_CASE("the shipped grids read, each with a source") {
  CHECK(grids().size() == 426);
  for (const Grid& grid : grids()) {
    CHECK_FALSE(grid.source.empty());
    CHECK_FALSE(grid.kind.empty());
  }
}

TEST_CASE("grids are found by code or name, countries first, whatever the case") {
  CHECK(find_grid(grids(), "DEU").name == "Germany");
  CHECK(find_grid(grids(), "germany").region == "DEU");
  CHECK(find_grid(grids(), "usa").g_per_kwh == Approx(369.473));
  CHECK(find_grid(grids(), "Georgia").kind == "country");
}

TEST_CASE("a grid that is not known gets a suggestion") {
  CHECK_THROWS_WITH(find_grid(grids(), "Germny"), Catch::Contains("\"Germany\""));
  CHECK_THROWS_AS(find_grid(grids(), "nowhere at all"), InputError);
}

TEST_CASE("the shipped runs and the default PUE read") {
  const TrainingRun imagenet = read_run(kConfigs + "runs/imagenet_90.json");
  CHECK(imagenet.samples == 1281167);
  CHECK(imagenet.epochs == 90);
  CHECK(read_run(kConfigs + "runs/bert_pretrain.json").samples == 256e6);
  const Pue pue = read_default_pue(kConfigs + "grids/data/pue.json");
  CHECK(pue.value == Approx(1.58));
  CHECK_FALSE(pue.source.empty());
}

TEST_CASE("operational carbon is energy times PUE times intensity") {
  const TrainingRun run{"test", "", 1000, 10, {}, ""};
  const Grid grid{"X", "X", 500, "", "", ""};
  // 10 000 samples at 100 per iteration: 100 iterations of 3.6 MJ = 100 kWh, 150 kWh at the meter, 75 kg.
  const CarbonReport report = carbon_of({3.6e6, 2.0, 50, 2}, run, 1, {1.5, "", 0, ""}, grid);
  CHECK(report.iterations == 100);
  CHECK(report.seconds == 200);
  CHECK(report.it_kwh == Approx(100));
  CHECK(report.kwh == Approx(150));
  CHECK(report.operational_g == Approx(75000));
  CHECK(report.total_g == report.operational_g);
  CHECK(report.g_per_sample == Approx(7.5));
  CHECK_FALSE(report.embodied_g.has_value());
}

TEST_CASE("more chips shorten the run and spend the same energy") {
  const TrainingRun run{"test", "", 1000, 10, {}, ""};
  const Grid grid{"X", "X", 500, "", "", ""};
  const Pue pue{1.5, "", 0, ""};
  const CarbonReport one = carbon_of({3.6e6, 2.0, 50, 2}, run, 1, pue, grid);
  const CarbonReport ten = carbon_of({3.6e6, 2.0, 50, 2}, run, 10, pue, grid);
  CHECK(ten.iterations == Approx(one.iterations / 10));
  CHECK(ten.seconds == Approx(one.seconds / 10));
  CHECK(ten.operational_g == Approx(one.operational_g));
}

TEST_CASE("runs without samples and impossible PUEs are refused") {
  const Grid grid{"X", "X", 500, "", "", ""};
  const TrainingRun run{"test", "", 1000, 10, {}, ""};
  CHECK_THROWS_AS(carbon_of({1, 1, 1, 1}, run, 0, {1.1, "", 0, ""}, grid), InputError);
  CHECK_THROWS_AS(carbon_of({1, 1, 0, 1}, run, 1, {1.1, "", 0, ""}, grid), InputError);
  CHECK_THROWS_AS(carbon_of({1, 1, 1, 1}, run, 1, {0.9, "", 0, ""}, grid), InputError);
  CHECK_THROWS_AS(carbon_of({1, 1, 1, 1}, TrainingRun{}, 1, {1.1, "", 0, ""}, grid), InputError);
}
