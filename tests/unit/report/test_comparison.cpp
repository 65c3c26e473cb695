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
  const Json json = write_comparison(test::priced_lenet(), test::pricing());
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
  const std::string text = comparison_table(priced, test::pricing());
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
  const std::string text = comparison_table(priced, test::pricing());
  CHECK(text.find("1.00x") == std::string::npos);
  CHECK(text.find("cycles") != std::string::npos);
}

TEST_CASE("The CSV file has a row for every figure") {
  const std::string csv = comparison_csv(test::priced_lenet());
  CHECK(csv.starts_with("figure,lns8,fp32\ncycles,"));
  CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == figures().size() + 1);
}

}  // namespace
}  // namespace lnsim::report
