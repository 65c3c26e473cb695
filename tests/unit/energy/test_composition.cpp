// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "energy/components/dot_product.hpp"
#include "tests/unit/energy/gate_level.hpp"

using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// |model / measured - 1| of every unit must stay below `each`, their median below `middle`.
template <class Model, class Measured>
void require_close(double each, double middle, Model model, Measured measured) {
  std::vector<double> errors;
  for (const SynthesisedUnit& unit : synthesised_units()) {
    const double error = model(unit) / measured(unit) - 1.0;
    INFO(unit.name << ": " << 100 * error << " %");
    CHECK(std::abs(error) < each);
    errors.push_back(std::abs(error));
  }
  REQUIRE(errors.size() == 41);
  CHECK(median(errors) < middle);
}

UnitPrice price(const SynthesisedUnit& unit, double held = 1) {
  return price_unit(unit.params, unit.vector_size, technology_45nm(), held);
}

}  // namespace

TEST_CASE("composed units have the energy of the synthesised ones within 12 %, median 4 %") {
  require_close(
      0.12, 0.04, [](const auto& unit) { return price(unit).energy_fj_per_mac; },
      [](const auto& unit) { return unit.energy_fj; });
}

TEST_CASE("composed units have the area of the synthesised ones within 6 %, median 3 %") {
  require_close(
      0.06, 0.03, [](const auto& unit) { return price(unit).area_um2_per_mac; },
      [](const auto& unit) { return unit.area_um2; });
}

TEST_CASE("composed units leak as the synthesised ones within 10 %, median 5 %") {
  require_close(
      0.10, 0.05, [](const auto& unit) { return price(unit).leakage_nw_per_mac; },
      [](const auto& unit) { return unit.leakage_nw; });
}

TEST_CASE("holding operand A for 16 cycles saves what the synthesised units save") {
  require_close(
      0.14, 0.06, [](const auto& unit) { return price(unit, 16).energy_fj_per_mac; },
      [](const auto& unit) { return unit.energy_held_fj; });
}

TEST_CASE("the composition table", "[.table]") {
  for (const SynthesisedUnit& unit : synthesised_units()) {
    const UnitPrice p = price(unit);
    const UnitPrice h = price(unit, 16);
    std::printf("%-24s E %7.0f %+5.1f%%  held %+5.1f%%  A %6.0f %+5.1f%%  L %+5.1f%% |", unit.name.c_str(),
                p.energy_fj_per_mac, 100 * (p.energy_fj_per_mac / unit.energy_fj - 1),
                100 * (h.energy_fj_per_mac / unit.energy_held_fj - 1), p.area_um2_per_mac,
                100 * (p.area_um2_per_mac / unit.area_um2 - 1), 100 * (p.leakage_nw_per_mac / unit.leakage_nw - 1));
    for (const StagePrice& stage : p.breakdown) {
      const auto found = unit.breakdown.find(stage.stage);
      std::printf(" %.6s %.2f", stage.stage.c_str(),
                  found == unit.breakdown.end() ? 0.0 : stage.energy_fj_per_mac / found->second);
    }
    std::printf("\n");
  }
}
