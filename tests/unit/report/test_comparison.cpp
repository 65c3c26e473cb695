// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <sstream>

#include "sim/report/comparison.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/text_table.hpp"
#include "tests/unit/report/priced.hpp"

namespace lnsim::report {
namespace {

TEST_CASE("Ratios are to the first scheme and agree with the reports") {
  const Json json = write_comparison(make_comparison(test::priced_lenet(), test::pricing()), test::pricing());
  CHECK(json["schema"] == "lnsim.comparison/1");
  CHECK(json["base"] == "lns8");
  REQUIRE(json["reports"].size() == 2);
  const Json& lns = json["reports"][0]["totals"];
  const Json& fp32 = json["reports"][1]["totals"];
  const Json& ratios = json["ratios"]["fp32"];
  const auto ratio = [](const Json& a, const Json& b) { return a.get<double>() / b.get<double>(); };
  CHECK(json["ratios"]["lns8"]["cycles"] == 1.0);
  CHECK(ratios["cycles"].get<double>() == ratio(fp32["cycles"], lns["cycles"]));
  CHECK(ratios["dram_bytes"].get<double>() == ratio(fp32["dram_bytes"], lns["dram_bytes"]));
  CHECK(ratios["tops_per_w"].get<double>() == ratio(fp32["tops_per_w"], lns["tops_per_w"]));
  for (const char* scope : {"datapath", "pe", "chip", "chip_dram"}) {
    CHECK(ratios["energy_by_scope_j"][scope].get<double>() ==
          ratio(fp32["energy_by_scope_j"][scope], lns["energy_by_scope_j"][scope]));
  }
  CHECK(ratios["carbon"]["kwh"].get<double>() == ratio(fp32["carbon"]["kwh"], lns["carbon"]["kwh"]));
}

TEST_CASE("A table of six schemes fits 120 columns, more schemes are printed in blocks") {
  std::vector<PricedTrace> priced = test::priced_lenet();
  while (priced.size() < 9) {
    priced.push_back(priced[1]);
    priced.back().trace.scheme.name = "scheme_" + std::to_string(priced.size());
  }
  const std::string text = comparison_table(make_comparison(priced, test::pricing()), test::pricing());
  std::istringstream lines(text);
  std::size_t heads = 0;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(text_width(line) <= 120);
    heads += line.find("  lns8  ") != std::string::npos ? 1 : 0;
  }
  CHECK(heads == 2);
  for (const PricedTrace& one : priced) CHECK(text.find(one.trace.scheme.name) != std::string::npos);
}

TEST_CASE("A table of one scheme has no ratios") {
  std::vector<PricedTrace> priced = test::priced_lenet();
  priced.pop_back();
  const std::string text = comparison_table(make_comparison(priced, test::pricing()), test::pricing());
  CHECK(text.find("1.00x") == std::string::npos);
  CHECK(text.find("cycles") != std::string::npos);
}

TEST_CASE("A comparison at equal area states lanes, what they spend and the residual") {
  const IsoComparison iso{energy::IsoBudget::kArea, {{32, 2.0}, {5, 1.9}}};
  const Comparison comparison = make_comparison(test::priced_lenet(), test::pricing(), iso);
  const Json json = write_comparison(comparison, test::pricing());
  CHECK(json["iso"]["budget"] == "area");
  CHECK(json["iso"]["unit"] == "mm2");
  CHECK(json["iso"]["limit"] == 2.0);
  CHECK(json["iso"]["schemes"]["lns8"]["lanes"] == 32);
  CHECK(json["iso"]["schemes"]["lns8"]["residual"] == 0.0);
  CHECK(json["iso"]["schemes"]["fp32"]["lanes"] == 5);
  CHECK(json["iso"]["schemes"]["fp32"]["residual"].get<double>() == Approx(-0.05));
  const std::string text = comparison_table(comparison, test::pricing());
  CHECK(text.find("Lanes at equal area") != std::string::npos);
  CHECK(text.find("-5.0 %") != std::string::npos);
  CHECK(text.find("exceeds the budget") == std::string::npos);
}

TEST_CASE("A comparison says where lanes exceed the budget or outgrow the port of buffer A") {
  std::vector<PricedTrace> priced = test::priced_lenet();
  const IsoComparison iso{energy::IsoBudget::kPower, {{32, 2.0}, {1, 2.5}}};
  std::string text = comparison_table(make_comparison(priced, test::pricing(), iso), test::pricing());
  CHECK(text.find("fp32 exceeds the budget with a single lane") != std::string::npos);
  CHECK(text.find("wait for it") == std::string::npos);
  const IsoComparison wide{energy::IsoBudget::kPower, {{32, 2.0}, {33, 2.0}}};
  priced[1].trace.accelerator.pe.lanes = 33;
  text = comparison_table(make_comparison(priced, test::pricing(), wide), test::pricing());
  CHECK(text.find("fp32: 33 lanes need more than 16 cycles") != std::string::npos);
}

TEST_CASE("A comparison without a budget has none in its file, and structures for LNS schemes only") {
  const Comparison comparison = make_comparison(test::priced_lenet(), test::pricing());
  const Json json = write_comparison(comparison, test::pricing());
  CHECK(!json.contains("iso"));
  REQUIRE(json["structures"].size() == 1);
  const Json& lns = json["structures"]["lns8"];
  CHECK(lns["vector_size"] == 32);
  REQUIRE(lns["variants"].size() == 4);
  double least = lns["variants"][0]["energy_by_scope_j"]["datapath"].get<double>();
  const Json* best = &lns["variants"][0];
  for (const Json& variant : lns["variants"]) {
    if (variant["energy_by_scope_j"]["datapath"].get<double>() >= least) continue;
    least = variant["energy_by_scope_j"]["datapath"].get<double>();
    best = &variant;
  }
  CHECK(lns["best"]["structure"] == (*best)["structure"]);
  CHECK(lns["best"]["sign_split"] == (*best)["sign_split"]);
  CHECK(comparison_table(comparison, test::pricing()).find("structure of lns8 at vector size 32: ") !=
        std::string::npos);
}

TEST_CASE("The CSV file has a row for every figure") {
  const std::string csv = comparison_csv(test::priced_lenet());
  CHECK(csv.starts_with("figure,lns8,fp32\ncycles,"));
  CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == figures().size() + 1);
}

}  // namespace
}  // namespace lnsim::report
