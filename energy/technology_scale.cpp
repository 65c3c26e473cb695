// SPDX-License-Identifier: Apache-2.0
#include "energy/technology_scale.hpp"

#include "sim/support/text.hpp"

namespace lnsim::energy {

void scale(LogicPrices& logic, const ScalingFactors& factors, const std::string& why) {
  for (PrimitiveTable& table : logic.tables) {
    for (PrimitivePoint& point : table.points) {
      point.price.energy_fj *= factors.energy;
      point.price.area_um2 *= factors.area;
      point.price.leakage_nw *= factors.leakage;
      point.delay_ns *= factors.delay;
    }
    table.source += "; " + why;
  }
}

void scale(SramTable& sram, const ScalingFactors& factors, const std::string& why) {
  for (SramTable::Column& column : sram.columns) {
    for (SramPrice& price : column.prices) {
      price.read_pj *= factors.energy;
      price.write_pj *= factors.energy;
      price.leakage_mw *= factors.leakage;
      price.area_mm2 *= factors.area;
      price.cycle_ns *= factors.delay;
    }
  }
  sram.source += "; " + why;
}

void bring_to_supply(Quantity& wire, double voltage_v) {
  if (wire.voltage_v == 0.0 || wire.voltage_v == voltage_v) return;
  const double ratio = voltage_v / wire.voltage_v;
  wire.value *= ratio * ratio;
  wire.source += "; from " + format_double(wire.voltage_v) + " V by V^2";
  wire.voltage_v = voltage_v;
}

}  // namespace lnsim::energy
