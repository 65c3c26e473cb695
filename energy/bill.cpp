// SPDX-License-Identifier: Apache-2.0
#include "energy/bill.hpp"

#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

/// The quantity that prices the item, a use of a DRAM.
const Quantity& dram_quantity(const BillItem& item, const Technology& technology) {
  const DramPrice& memory = technology.dram.at(static_cast<std::size_t>(item.extent));
  if (item.primitive == Primitive::kDramRead) return memory.read;
  if (item.primitive == Primitive::kDramWrite) return memory.write;
  LNSIM_CHECK(memory.banked, "a bill has DRAM commands that have no price");
  switch (item.primitive) {
    case Primitive::kDramColumnRead: return memory.banked->read;
    case Primitive::kDramColumnWrite: return memory.banked->write;
    case Primitive::kDramActivate: return memory.banked->activate;
    case Primitive::kDramRefresh: return memory.banked->refresh;
    default: return memory.banked->background;
  }
}

/// Femtojoules of one unit of the quantity, for a use of that width.
double dram_femtojoules(const BillItem& item) {
  constexpr double kBitsPerKib = 8192;  // [bit/KiB] binary kibibytes; definition
  switch (item.primitive) {
    case Primitive::kDramActivate: return 1e3 * item.width / kBitsPerKib;
    case Primitive::kDramRefresh: return 1e6;
    case Primitive::kDramBackground: return item.width;  // mW times ps
    default: return 1e3 * item.width;
  }
}

}  // namespace

void Bill::add(std::string_view part, Primitive primitive, double width, double count, const Use& use) {
  if (width <= 0.0 || count <= 0.0) return;
  items.push_back({part, primitive, width, count, use.activity, count * use.area, 0.0, use.why});
}

void Bill::add_extent(std::string_view part, Primitive primitive, double width, double extent, double count,
                      const Use& use) {
  if (width <= 0.0 || count <= 0.0) return;
  items.push_back({part, primitive, width, count, use.activity, 0.0, extent, use.why});
}

void Bill::add_hardware(std::string_view part, Primitive primitive, double width, double instances, double extent) {
  if (width <= 0.0 || instances <= 0.0) return;
  items.push_back({part, primitive, width, 0.0, 1.0, instances, extent, {}});
}

void Bill::append(const Bill& other, double times) { append(other, times, times); }

void Bill::append(const Bill& other, double times, double copies) {
  for (BillItem item : other.items) {
    item.count *= times;
    item.instances *= copies;
    items.push_back(item);
  }
}

Price price_of(const BillItem& item, const Technology& technology) {
  switch (item.primitive) {
    case Primitive::kSramRead:
    case Primitive::kSramWrite: {
      const SramPrice macro = technology.sram.at(item.extent, item.width);
      const double pj = item.primitive == Primitive::kSramRead ? macro.read_pj : macro.write_pj;
      return {pj * 1e3 * item.activity, macro.area_mm2 * 1e6, macro.leakage_mw * 1e6};
    }
    case Primitive::kWire: return {technology.wire.value * item.width * item.extent * item.activity, 0.0, 0.0};
    case Primitive::kDramRead:
    case Primitive::kDramWrite:
    case Primitive::kDramColumnRead:
    case Primitive::kDramColumnWrite:
    case Primitive::kDramActivate:
    case Primitive::kDramRefresh:
    case Primitive::kDramBackground:
      return {dram_quantity(item, technology).value * dram_femtojoules(item) * item.activity, 0.0, 0.0};
    default: break;
  }
  Price price = technology.logic.table(item.primitive).at(item.width);
  price.energy_fj *= item.activity;
  return price;
}

std::string_view source_of(const BillItem& item, const Technology& technology) {
  switch (item.primitive) {
    case Primitive::kSramRead:
    case Primitive::kSramWrite: return technology.sram.source;
    case Primitive::kWire: return technology.wire.source;
    case Primitive::kDramRead:
    case Primitive::kDramWrite:
    case Primitive::kDramColumnRead:
    case Primitive::kDramColumnWrite:
    case Primitive::kDramActivate:
    case Primitive::kDramRefresh:
    case Primitive::kDramBackground: return dram_quantity(item, technology).source;
    default: return technology.logic.table(item.primitive).source;
  }
}

Price price_of(const Bill& bill, const Technology& technology) {
  Price sum;
  for (const BillItem& item : bill.items) {
    const Price unit = price_of(item, technology);
    sum.energy_fj += item.count * unit.energy_fj;
    sum.area_um2 += item.instances * unit.area_um2;
    sum.leakage_nw += item.instances * unit.leakage_nw;
  }
  return sum;
}

double register_energy_fj(const Bill& bill, const Technology& technology) {
  double sum = 0;
  for (const BillItem& item : bill.items) {
    if (item.primitive != Primitive::kRegister && item.primitive != Primitive::kRegisterIdle) continue;
    sum += item.count * price_of(item, technology).energy_fj;
  }
  return sum;
}

}  // namespace lnsim::energy
