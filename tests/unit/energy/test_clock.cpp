// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "energy/clock.hpp"
#include "energy/components/components.hpp"
#include "energy/components/delays.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "tests/unit/energy/gate_level.hpp"
#include "tests/unit/energy/schemes.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

std::vector<ClockBound> bounds_of(const Accelerator& accelerator, const Scheme& scheme) {
  const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kSgdMomentum, Optimizer::kSgdMomentum);
  return clock_bounds(machine);
}

double lanes_area(const Accelerator& accelerator, const Scheme& scheme) {
  const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kSgdMomentum, Optimizer::kSgdMomentum);
  return price_of(hardware_lanes(machine), technology_45nm()).area_um2;
}

}  // namespace

TEST_CASE("stage delays are those of the synthesised units within 20 %, median 5 %") {
  const Document data =
      read_json_file(std::filesystem::path(LNSIM_SOURCE_DIR) / "configs/technology/data/gate_level_45nm.json");
  std::vector<double> errors;
  for (const SynthesisedUnit& unit : synthesised_units()) {
    const auto row = std::find_if(data.root["datapaths"].begin(), data.root["datapaths"].end(), [&](const Json& r) {
      return r["name"].get<std::string>() + " V" + std::to_string(r["V"].get<int>()) == unit.name;
    });
    REQUIRE(row != data.root["datapaths"].end());
    const UnitDelays d =
        unit_delays(unit_widths(unit.params, *unit.params.format_a, *unit.params.format_b, unit.vector_size),
                    technology_45nm().logic);
    const std::vector<std::pair<const char*, double>> stages{
        {"mul", d.multiply}, {"max", d.exponent_max}, {"tree", d.tree}, {"conv", d.convert}, {"acc", d.accumulate}};
    for (const auto& [name, delay] : stages) {
      INFO(unit.name << " " << name);
      const Json& measured = (*row)["stage_delay_ns"];
      REQUIRE(measured.contains(name) == (delay > 0));
      if (!measured.contains(name)) continue;
      errors.push_back(std::abs(delay / measured[name].get<double>() - 1));
      CHECK(errors.back() < 0.20);
    }
  }
  REQUIRE(errors.size() == 149);
  std::sort(errors.begin(), errors.end());
  CHECK(errors[errors.size() / 2] < 0.05);
}

TEST_CASE("deeper pipelines allow a faster clock and pay for their registers") {
  const Scheme scheme = make_scheme("lns8");
  Accelerator accelerator;
  double last_period = INFINITY, last_area = 0;
  for (std::uint64_t depth = 1; depth <= 12; ++depth) {
    accelerator.pe.datapath_cycles = depth;
    const double period = bounds_of(accelerator, scheme).front().period_ns;
    INFO(depth);
    CHECK(period <= last_period);
    last_period = period;
    const double area = lanes_area(accelerator, scheme);
    CHECK(area >= last_area);
    if (depth > 3) CHECK(area > last_area);
    last_area = area;
  }
}

TEST_CASE("a longer accumulate latency shortens the loop") {
  const Scheme scheme = make_scheme("fp32");
  Accelerator accelerator;
  const double three = bounds_of(accelerator, scheme)[1].period_ns;
  accelerator.pe.accumulate_cycles_float = 6;
  CHECK(bounds_of(accelerator, scheme)[1].period_ns < 0.6 * three);
}

TEST_CASE("an absurd depth does not hang") {
  Accelerator accelerator;
  accelerator.pe.datapath_cycles = std::uint64_t{1} << 40U;
  CHECK(bounds_of(accelerator, make_scheme("fp16")).front().period_ns > 0);
}

TEST_CASE("an impossible clock is refused, with the fastest legal one") {
  const auto bounds = bounds_of({}, make_scheme("fp32"));
  const double fastest = fastest_clock_hz(bounds).value();
  CHECK(fastest > 400e6);
  CHECK_NOTHROW(check_clock(fastest, bounds, "a.json", "/clock_mhz"));
  CHECK_THROWS_WITH(check_clock(2e9, bounds, "a.json", "/clock_mhz"),
                    Catch::Contains("/clock_mhz: 2000.0 MHz") && Catch::Contains("fastest legal clock"));
}

TEST_CASE("a technology without delays bounds no clock by its logic") {
  Technology technology = technology_45nm();
  for (PrimitiveTable& table : technology.logic.tables) {
    for (PrimitivePoint& point : table.points) point.delay_ns = 0;
  }
  const Accelerator accelerator;
  const Scheme scheme = make_scheme("lns8");
  const Machine machine(accelerator, scheme, technology, Optimizer::kSgdMomentum, Optimizer::kSgdMomentum);
  const auto bounds = clock_bounds(machine);
  CHECK(bounds.front().period_ns == 0);
  CHECK(slowest(bounds).period_ns > 0);  // SRAM
  CHECK_FALSE(fastest_clock_hz({{"lanes", 0.0}}).has_value());
  CHECK_NOTHROW(check_clock(1e12, {{"lanes", 0.0}}, "a.json", "/clock_mhz"));
}
