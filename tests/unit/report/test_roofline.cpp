// SPDX-License-Identifier: Apache-2.0
#include "sim/report/roofline.hpp"

#include <catch2/catch.hpp>

#include "sim/report/report_json.hpp"
#include "tests/unit/report/priced.hpp"

namespace lnsim::report {
namespace {

TraceEntry entry_of(std::uint64_t cycles, std::uint64_t macs, std::uint64_t bursts, std::uint64_t compulsory) {
  TraceEntry entry;
  entry.cycles = cycles;
  entry.macs = macs;
  entry.counts[Action::kDramReadBursts] = bursts;
  entry.compulsory_dram_bytes = compulsory;
  return entry;
}

const Accelerator& machine() { return test::lenet_traces().front().accelerator; }  // 1024 MACs, 85.32 bytes per cycle

}  // namespace

TEST_CASE("The bounds of a pass are its useful MACs at the peak and its compulsory bytes at the bandwidth") {
  const Roofline roofline = roofline_of(entry_of(5000, 1024 * 1000 + 1, 200, 8532), machine(), 400000000);
  CHECK(roofline.compute_bound_cycles == 1001);
  CHECK(roofline.traffic_bound_cycles == 100);  // 8532 / 85.32
  CHECK(roofline.dram_bytes == 200 * 64);
  CHECK(*roofline.over_compute_bound() == Approx(5000.0 / 1001));
  CHECK(*roofline.over_traffic_bound() == 50.0);
  CHECK(*roofline.traffic_over_compulsory() == Approx(12800.0 / 8532));
  CHECK(*roofline.macs_per_dram_byte() == Approx(1024001.0 / 12800));
}

TEST_CASE("A pass without MACs has no intensity, an old trace no compulsory traffic") {
  const Roofline sweep = roofline_of(entry_of(100, 0, 10, 0), machine(), 400000000);
  CHECK(!sweep.macs_per_dram_byte());
  CHECK(!sweep.over_compute_bound());
  CHECK(!sweep.over_traffic_bound());
  CHECK(!sweep.traffic_over_compulsory());
  CHECK(roofline_json(sweep)["dram_bytes_over_compulsory"].is_null());
}

TEST_CASE("No pass of a network is faster than its bounds or moves less than the compulsory traffic") {
  const Json report = write_report(test::priced_lenet().front(), test::pricing());
  for (const Json& layer : report["layers"]) {
    INFO(layer["name"] << " " << layer["pass"]);
    const Json& roofline = layer["roofline"];
    CHECK(roofline["compute_bound_cycles"].get<std::uint64_t>() <= layer["cycles"].get<std::uint64_t>());
    CHECK(roofline["traffic_bound_cycles"].get<std::uint64_t>() <= layer["cycles"].get<std::uint64_t>());
    CHECK(roofline["compulsory_dram_bytes"].get<std::uint64_t>() > 0);
    // Whole bursts are moved; the compulsory bytes of a GEMM are whole bursts too, those of a sweep are not.
    CHECK(roofline["dram_bytes"].get<std::uint64_t>() >= roofline["compulsory_dram_bytes"].get<std::uint64_t>());
  }
  const Json& totals = report["totals"]["roofline"];
  CHECK(totals["dram_bytes"] == report["totals"]["dram_bytes"]);
  CHECK(totals["cycles_over_compute_bound"].get<double>() ==
        Approx(1.0 / report["totals"]["utilization"].get<double>()).epsilon(0.01));
}

}  // namespace lnsim::report
