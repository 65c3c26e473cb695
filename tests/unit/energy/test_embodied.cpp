// SPDX-License-Identifier: Apache-2.0
// Carbon of making hardware, against figures that ACT itself derives and against sums by hand.
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "energy/carbon/carbon.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"

namespace lnsim::carbon {
namespace {

const std::string kFile = std::string(LNSIM_SOURCE_DIR) + "/configs/carbon/embodied.json";

EmbodiedData shipped() { return read_embodied(kFile); }

Hardware hardware(double node_nm) { return {100.0, node_nm, "LPDDR4X-4266", std::uint64_t{8} << 30U}; }

/// What the reader says of the shipped file with one change.
template <class Change>
std::string refusal(Change change) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "lnsim_test_embodied.json";
  Json json = read_json_file(kFile).root;
  change(json);
  std::ofstream(path) << json.dump();
  std::string text;
  try {
    (void)read_embodied(path);
  } catch (const InputError& error) {
    text = error.what();
  }
  std::filesystem::remove(path);
  return text;
}

}  // namespace

TEST_CASE("a square centimetre costs what ACT derives for it") {
  // derived_cpa of the tool's data: Taiwan 583 g/kWh, gases after 97 % abatement, yield 0.875.
  for (const auto& [node, grams] :
       {std::pair(28.0, 1328.23), {22.0, 1459.46}, {14.0, 1556.69}, {7.0, 2318.23}, {5.0, 2778.0}, {3.0, 3162.57}}) {
    const EmbodiedReport report = embodied_of(hardware(node), shipped());
    INFO(node << " nm");
    CHECK(report.process_nm == node);
    CHECK(report.die_g.mid == Approx(grams).epsilon(1e-5));
    CHECK(report.die_g.low < report.die_g.mid);
    CHECK(report.die_g.mid < report.die_g.high);
  }
}

TEST_CASE("an accelerator is its die, a package and its DRAM, spread over its life") {
  const EmbodiedReport report = embodied_of(hardware(7.0), shipped());
  CHECK(report.package_g == 150.0);
  CHECK(report.dram_g == Approx(8 * 48.0));
  CHECK(report.dram_row == "LPDDR4");
  CHECK(report.total_g.mid == Approx(2318.23 + 150 + 384).epsilon(1e-5));
  // Five years; of the range, the longest life with the least carbon and the shortest with the most.
  CHECK(report.g_per_second.mid == Approx(report.total_g.mid / (5 * 365.25 * 86400)));
  CHECK(report.g_per_second.low == Approx(report.total_g.low / (6 * 365.25 * 86400)));
  CHECK(report.g_per_second.high == Approx(report.total_g.high / (4 * 365.25 * 86400)));
}

TEST_CASE("a node or a memory without a row takes another's and says so") {
  const EmbodiedReport old = embodied_of(hardware(45.0), shipped());
  CHECK(old.process_nm == 28.0);
  CHECK(embodied_of(hardware(16.0), shipped()).process_nm == 14.0);
  Hardware stacked = hardware(7.0);
  stacked.dram_type = "HBM2-2000";
  CHECK(embodied_of(stacked, shipped()).dram_row == "DDR4");
}

TEST_CASE("yields follow their models") {
  CHECK(yield_of({YieldModel::kFixed, 0.8, 5.0, ""}, 3.0) == 0.8);
  CHECK(yield_of({YieldModel::kPoisson, 1, 0.1, ""}, 5.0) == Approx(std::exp(-0.5)));
  CHECK(yield_of({YieldModel::kMurphy, 1, 0.1, ""}, 5.0) == Approx(std::pow((1 - std::exp(-0.5)) / 0.5, 2)));
  CHECK(yield_of({YieldModel::kMurphy, 1, 0.0, ""}, 5.0) == 1.0);
  // Murphy's dies fail together more often, so more are good.
  CHECK(yield_of({YieldModel::kMurphy, 1, 1.0, ""}, 2.0) > yield_of({YieldModel::kPoisson, 1, 1.0, ""}, 2.0));
}

TEST_CASE("a run carries its share of its chips' embodied carbon, however many") {
  const TrainingRun run{"test", "", 1000, 10, {}, "a test"};
  const Grid grid{"XXX", "Nowhere", 400, "2020", "a test", "country"};
  const Pue pue{1.0, "", 2020, "a test"};
  const Range per_second{1e-6, 2e-6, 4e-6};
  const CarbonReport one = carbon_of({3.6e6, 2.0, 10, 1}, run, 1, pue, grid, per_second);
  CHECK(one.seconds == 2000.0);
  CHECK(*one.embodied_g == Approx(4e-3));
  CHECK(one.embodied_range_g->high == Approx(8e-3));
  CHECK(one.total_g == Approx(one.operational_g + 4e-3));
  const CarbonReport ten = carbon_of({3.6e6, 2.0, 10, 1}, run, 10, pue, grid, per_second);
  CHECK(ten.seconds == 200.0);
  CHECK(*ten.embodied_g == Approx(4e-3));
}

TEST_CASE("unsound data of hardware are refused with the place") {
  CHECK(refusal([](Json&) {}).empty());
  CHECK_THAT(refusal([](Json& j) { j["logic"][0].erase("source"); }), Catch::Contains("/logic/0"));
  CHECK_THAT(refusal([](Json& j) { j["logic"][1]["epa_kwh_per_cm2"] = -1; }),
             Catch::Contains("/logic/1/epa_kwh_per_cm2"));
  CHECK_THAT(refusal([](Json& j) { j["logic"][2]["gpa_g_per_cm2"]["low"] = 1000; }),
             Catch::Contains("/logic/2/gpa_g_per_cm2"));
  CHECK_THAT(refusal([](Json& j) { j["fab"] = "atlantis"; }), Catch::Contains("/fab"));
  CHECK_THAT(refusal([](Json& j) { j["yield"]["model"] = "guess"; }), Catch::Contains("/yield/model"));
  CHECK_THAT(refusal([](Json& j) { j["yield"]["value"] = 0; }), Catch::Contains("/yield/value"));
  CHECK_THAT(refusal([](Json& j) { j["other_dram"] = "SRAM"; }), Catch::Contains("/other_dram"));
  CHECK_THAT(refusal([](Json& j) { j["lifetime_years"]["low"] = 1; }), Catch::Contains("/lifetime_years"));
  CHECK_THAT(refusal([](Json& j) { j["utilization"]["value"] = 0; }), Catch::Contains("/utilization/value"));
  CHECK_THAT(refusal([](Json& j) { j["extra"] = 1; }), Catch::Contains("extra"));
}

}  // namespace lnsim::carbon
