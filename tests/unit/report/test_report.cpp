// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/report/csv.hpp"
#include "sim/report/report_json.hpp"
#include "sim/report/report_table.hpp"
#include "tests/unit/report/priced.hpp"

namespace lnsim::report {
namespace {

Json lenet_report() { return write_report(test::priced_lenet().front(), test::pricing()); }

TEST_CASE("Entries times their repeats are the totals") {
  const Json report = lenet_report();
  const Json& totals = report["totals"];
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  std::uint64_t issued = 0;
  std::uint64_t bursts = 0;
  double energy = 0;
  for (const Json& entry : report["layers"]) {
    const auto repeat = entry["repeat"].get<std::uint64_t>();
    cycles += repeat * entry["cycles"].get<std::uint64_t>();
    macs += repeat * entry["macs"].get<std::uint64_t>();
    issued += repeat * entry["issued_macs"].get<std::uint64_t>();
    const Json& dram = entry["counts"]["dram"];
    bursts += repeat * (dram["read_bursts"].get<std::uint64_t>() + dram["write_bursts"].get<std::uint64_t>());
    for (const auto& [component, joules] : entry["energy_j"].items()) {
      energy += static_cast<double>(repeat) * joules.get<double>();
    }
  }
  CHECK(totals["cycles"] == cycles);
  CHECK(totals["macs"] == macs);
  CHECK(totals["issued_macs"] == issued);
  CHECK(totals["dram_bytes"] == bursts * 64);
  CHECK(totals["energy_j"].get<double>() == Approx(energy).epsilon(1e-12));
  CHECK(totals["seconds"].get<double>() == Approx(static_cast<double>(cycles) / 4e8).epsilon(1e-12));
  CHECK(totals["utilization"].get<double>() ==
        Approx(static_cast<double>(macs) / (1024.0 * static_cast<double>(cycles))));
}

TEST_CASE("Components add up to the scope chip_dram, and scopes grow") {
  const Json report = lenet_report();
  double sum = 0;
  for (const auto& [component, joules] : report["energy_by_component_j"].items()) sum += joules.get<double>();
  const Json& scopes = report["totals"]["energy_by_scope_j"];
  CHECK(scopes["chip_dram"].get<double>() == sum);
  CHECK(scopes["chip_dram"] == report["totals"]["energy_j"]);
  CHECK(scopes["datapath"].get<double>() < scopes["pe"].get<double>());
  CHECK(scopes["pe"].get<double>() < scopes["chip"].get<double>());
  CHECK(scopes["chip"].get<double>() < scopes["chip_dram"].get<double>());
}

TEST_CASE("A report has every field that scripts may rely on") {
  const Json report = lenet_report();
  for (const char* key : {"schema", "workload", "accelerator", "scheme", "engine", "batch", "micro_batches", "version",
                          "config", "totals", "energy_by_component_j", "layers"}) {
    CHECK(report.contains(key));
  }
  for (const char* key : {"cycles", "seconds", "macs", "issued_macs", "utilization", "energy_j", "energy_by_scope_j",
                          "power_w", "tops_per_w", "area_mm2", "dram_bytes", "dram_footprint_bytes", "carbon"}) {
    CHECK(report["totals"].contains(key));
  }
  for (const char* key : {"weights", "optimizer", "activations", "gradients"}) {
    CHECK(report["totals"]["dram_footprint_bytes"].contains(key));
  }
  for (const char* key : {"operational_g", "embodied_g", "total_g", "kwh"}) {
    CHECK(report["totals"]["carbon"].contains(key));
  }
  for (const Json& entry : report["layers"]) {
    for (const char* key : {"name", "pass", "repeat", "gemms", "cycles", "stalls", "bound_by", "macs", "issued_macs",
                            "counts", "energy_j"}) {
      CHECK(entry.contains(key));
    }
    if (!entry["gemms"].empty()) {
      CHECK(entry["mapping"][0].contains("operand_a"));
    }
  }
}

TEST_CASE("Carbon follows from energy, PUE and grid") {
  const Json totals = lenet_report()["totals"];
  const double kwh = totals["energy_j"].get<double>() / 3.6e6 * 1.5;
  CHECK(totals["carbon"]["kwh"].get<double>() == Approx(kwh).epsilon(1e-12));
  CHECK(totals["carbon"]["operational_g"].get<double>() == Approx(kwh * 380.0).epsilon(1e-12));
  CHECK(totals["run"]["iterations"].get<double>() == Approx(1281167.0 * 90 / 6));
  CHECK(totals["run"]["kwh"].get<double>() == Approx(kwh * 1281167 * 90 / 6).epsilon(1e-12));
  CHECK(totals["per_sample"]["energy_j"].get<double>() == Approx(totals["energy_j"].get<double>() / 6));
}

TEST_CASE("The layers of a CSV file are those of the report") {
  const PricedTrace priced = test::priced_lenet().front();
  const std::string csv = layers_csv(priced);
  CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == priced.trace.entries.size() + 1);
  CHECK(csv.find("conv1,forward,conv2d,3,") != std::string::npos);
}

TEST_CASE("Cells of CSV files are quoted where they have to be") {
  CHECK(csv_line({"a", "b,c", "d\"e", "f\ng", ""}) == "a,\"b,c\",\"d\"\"e\",f\\ng,\n");
  CHECK(csv_line({"=1+1", "-2", "-2+3", "+1", "@x,", "\tx", "-1e-300", "1e999"}) ==
        "'=1+1,-2,'-2+3,'+1,\"'@x,\",'\\tx,-1e-300,1e999\n");
}

TEST_CASE("The table says what is not modelled, and that a part is a part") {
  PricedTrace priced = test::priced_lenet().front();
  CHECK(report_table(priced, test::pricing()).find("Overlap between passes is not modelled") != std::string::npos);
  CHECK(report_table(priced, test::pricing()).find("Only a part") == std::string::npos);
  priced.trace.layers = {"conv*"};
  CHECK(report_table(priced, test::pricing()).find("Only a part") != std::string::npos);
}

}  // namespace
}  // namespace lnsim::report
