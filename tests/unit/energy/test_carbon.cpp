// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "energy/carbon/carbon.hpp"
#include "sim/support/error.hpp"

using namespace lnsim;
using namespace lnsim::carbon;

namespace {

const std::string kCarbonConfigs = std::string(LNSIM_SOURCE_DIR) + "/configs/";

const std::vector<Grid>& grids() {
  static const std::vector<Grid> table = read_grids(kCarbonConfigs + "grids/grid_intensity.csv");
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
  const TrainingRun imagenet = read_run(kCarbonConfigs + "runs/imagenet_90.json");
  CHECK(imagenet.samples == 1281167);
  CHECK(imagenet.epochs == 90);
  CHECK(read_run(kCarbonConfigs + "runs/bert_pretrain.json").samples == 256e6);
  const Pue pue = read_default_pue(kCarbonConfigs + "grids/data/pue.json");
  CHECK(pue.value == Approx(1.58));
  CHECK_FALSE(pue.source.empty());
  REQUIRE(pue.range);
  CHECK(pue.range->low == Approx(1.04));
  CHECK(pue.range->mid == pue.value);
  CHECK(pue.range->high == pue.value);
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

TEST_CASE("a report without ranges has ranges without width") {
  const TrainingRun run{"test", "", 1000, 10, {}, ""};
  const CarbonReport report = carbon_of({3.6e6, 2.0, 50, 2}, run, 1, {1.5, "", 0, ""}, {"X", "X", 500, "", "", ""});
  for (const double end : {report.total_range_g.low, report.total_range_g.mid, report.total_range_g.high}) {
    CHECK(end == Approx(report.total_g).epsilon(1e-12));
  }
}

TEST_CASE("the ends of a report take every factor at that end") {
  TrainingRun run{"test", "", 1000, 10, {}, ""};
  run.epochs_range = Range{5, 10, 30};
  Grid grid{"X", "X", 500, "", "", ""};
  grid.range = Range{100, 500, 1000};
  const Pue pue{1.5, "", 0, "", Range{1.0, 1.5, 3.0}};
  // 100 kWh before the PUE, 200 s: 5, 10 and 30 of 10 epochs.
  const CarbonReport report = carbon_of({3.6e6, 2.0, 50, 2}, run, 1, pue, grid, Range{1, 2, 4});
  CHECK(report.kwh_range.low == Approx(50));
  CHECK(report.kwh_range.mid == Approx(150));
  CHECK(report.kwh_range.high == Approx(900));
  CHECK(report.operational_range_g.low == Approx(5000));
  CHECK(report.operational_range_g.mid == Approx(75000));
  CHECK(report.operational_range_g.high == Approx(900000));
  CHECK(report.embodied_range_g->low == Approx(100));
  CHECK(report.embodied_range_g->mid == Approx(400));
  CHECK(report.embodied_range_g->high == Approx(2400));
  CHECK(report.total_range_g.low == Approx(5100));
  CHECK(report.total_range_g.mid == Approx(report.total_g));
  CHECK(report.total_range_g.high == Approx(902400));
}

TEST_CASE("ranges read as a number or as low, mid and high") {
  CHECK(parse_range("--pue", "1.25", 1, 10) == Range{1.25, 1.25, 1.25});
  CHECK(parse_range("--pue", "1:1.5:10", 1, 10) == Range{1, 1.5, 10});
  for (const char* text :
       {"", ":", "1:", "1:2", "2:1:3", "1:3:2", "1:2:3:4", "0.9", "11", "1.2x", "nan", "1:2:inf", " 1", "1,2", "1e1"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_range("--pue", text, 1, 10), InputError);
  }
}

TEST_CASE("a grid is one of the table or the reader's own intensity") {
  const std::vector<Grid> grids = read_grids(kCarbonConfigs + "grids/grid_intensity.csv");
  CHECK(grid_of(grids, "DEU").name == "Germany");
  CHECK_FALSE(grid_of(grids, "DEU").range.has_value());
  const Grid own = grid_of(grids, "20:380:700");
  CHECK(own.g_per_kwh == 380);
  CHECK(own.range == Range{20, 380, 700});
  CHECK_THROWS_AS(grid_of(grids, "Germony"), InputError);
  CHECK_THROWS_AS(grid_of(grids, ""), InputError);
  CHECK_THROWS_AS(grid_of(grids, "380 g"), InputError);
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
