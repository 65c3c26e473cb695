// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The files behind a technology, field by field: read with read_object, documented by fields_of and schema_of.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "energy/technology.hpp"
#include "sim/support/describe.hpp"
#include "sim/support/text.hpp"

namespace lnsim::energy {

enum class PrimitiveKind : std::uint8_t { kMeasured, kDerived };

inline constexpr std::array<std::pair<std::string_view, PrimitiveKind>, 2> kPrimitiveKinds{
    {{"measured", PrimitiveKind::kMeasured}, {"derived", PrimitiveKind::kDerived}}};
inline constexpr std::array<std::pair<std::string_view, Growth>, 3> kGrowths{
    {{"linear", Growth::kLinear}, {"quadratic", Growth::kQuadratic}, {"linear_log", Growth::kLinearLog}}};
inline constexpr Limits kText{.min = 1, .required = true};
inline constexpr Limits kYear{.min = 1980, .max = 2100, .required = true};

struct PointFile {
  double width = 0, energy_fj = 0, area_um2 = 0, leakage_nw = 0, delay_ns = 0;
};
template <class V>
void describe(PointFile& p, V& v) {
  v.field("width", p.width, {.min = 1, .max = 4096, .required = true, .unit = "bit"}, "operand width");
  v.field("energy_fj", p.energy_fj, {.min = 0, .required = true, .unit = "fJ"}, "energy of one use");
  v.field("area_um2", p.area_um2, {.min = 0, .required = true, .unit = "um2"}, "area");
  v.field("leakage_nw", p.leakage_nw, {.min = 0, .required = true, .unit = "nW"}, "leakage");
  v.field("delay_ns", p.delay_ns, {.min = 0, .unit = "ns"}, "input to output");
}

struct PrimitiveFile {
  std::string name;
  Growth growth = Growth::kLinear;
  int year = 0;
  PrimitiveKind kind = PrimitiveKind::kMeasured;
  std::string source;
  std::vector<PointFile> points;
};
template <class V>
void describe(PrimitiveFile& p, V& v) {
  v.field("name", p.name, kText, "the primitive");
  v.choice("growth", p.growth, kGrowths, {.required = true}, "law beyond the listed widths");
  v.field("year", p.year, kYear, "year of the data");
  v.choice("kind", p.kind, kPrimitiveKinds, {.required = true}, "how the numbers were found");
  v.field("source", p.source, kText, "where the numbers come from");
  v.list("points", p.points, {.min = 1, .max = 1000, .required = true}, "prices over width, ascending");
}
inline void check(const PrimitiveFile& p, Problems& problems) {
  for (std::size_t i = 1; i < p.points.size(); ++i) {
    if (p.points[i].width <= p.points[i - 1].width) problems.add("/points", "widths out of order", "ascending widths");
  }
}

struct FactorFile {
  std::string name;
  double value = 0;
  std::string unit;
  int year = 0;
  std::string source;
};
template <class V>
void describe(FactorFile& p, V& v) {
  v.field("name", p.name, kText, "the factor");
  v.field("value", p.value, {.min = 0, .required = true}, "its value");
  v.field("unit", p.unit, kText, "1: factors have no dimension");
  v.field("year", p.year, kYear, "year of the data");
  v.field("source", p.source, kText, "where it comes from");
}

struct UnitsFile {
  std::string energy, area, leakage, delay, width, capacity;
};
template <class V>
void describe(UnitsFile& p, V& v) {
  v.field("energy", p.energy, kText, "unit of energies");
  v.field("area", p.area, kText, "unit of areas");
  v.field("leakage", p.leakage, kText, "unit of leakage");
  v.field("delay", p.delay, {.min = 1}, "unit of delays");
  v.field("width", p.width, kText, "unit of widths");
  v.field("capacity", p.capacity, {.min = 1}, "unit of capacities");
}

inline void require_unit(const char* pointer, const std::string& found, const char* expected, Problems& problems) {
  if (found != expected) problems.add(pointer, "\"" + found + "\"", "\"" + std::string(expected) + "\"");
}

struct PrimitivesFile {
  std::string description;
  double node_nm = 0, voltage_v = 0, temperature_c = 0;
  UnitsFile units;
  std::string source;
  std::vector<PrimitiveFile> primitives;
  std::vector<FactorFile> factors;
};
template <class V>
void describe(PrimitivesFile& p, V& v) {
  v.tag("schema", "lnsim.primitives/1", "kind of file");
  v.field("description", p.description, "what it is");
  v.field("node_nm", p.node_nm, {.min = 1, .max = 1000, .required = true, .unit = "nm"}, "technology node");
  v.field("voltage_v", p.voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "supply");
  v.field("temperature_c", p.temperature_c, {.min = -55, .max = 150, .required = true, .unit = "C"}, "temperature");
  v.object("units", p.units, {.required = true}, "units of all prices");
  v.field("source", p.source, kText, "library and method");
  v.list("primitives", p.primitives, {.min = 1, .max = 1000, .required = true}, "prices of primitives");
  v.list("factors", p.factors, {.min = 1, .max = 1000, .required = true}, "rules of composition");
}
inline void check(const PrimitivesFile& p, Problems& problems) {
  require_unit("/units/energy", p.units.energy, "fJ", problems);
  require_unit("/units/area", p.units.area, "um2", problems);
  require_unit("/units/leakage", p.units.leakage, "nW", problems);
  require_unit("/units/delay", p.units.delay, "ns", problems);
  require_unit("/units/width", p.units.width, "bit", problems);
  for (std::size_t i = 0; i < p.factors.size(); ++i) {
    require_unit(("/factors/" + std::to_string(i) + "/unit").c_str(), p.factors[i].unit, "1", problems);
  }
}

template <class V>
void describe(Quantity& p, V& v) {
  v.field("value", p.value, {.min = 0, .required = true}, "the number");
  v.field("unit", p.unit, kText, "its unit");
  v.field("node_nm", p.node_nm, {.min = 0, .max = 1000, .unit = "nm"}, "technology node, where it belongs to one");
  v.field("year", p.year, kYear, "year of the source");
  v.field("trust", p.trust, "A primary file, B secondary text, C derived or assumed, D recalled");
  v.field("source", p.source, kText, "where the number comes from");
}

template <class V>
void describe(BankedDramPrice& p, V& v) {
  v.object("read", p.read, {.required = true}, "energy of a read without activates, pJ/bit");
  v.object("write", p.write, {.required = true}, "energy of a write without activates, pJ/bit");
  v.object("activate", p.activate, {.required = true}, "energy of an activate and its precharge, pJ/KiB of row");
  v.object("refresh", p.refresh, {.required = true}, "energy of a refresh of a rank of a channel, nJ");
  v.object("background", p.background, {.required = true}, "power of a rank of a channel, mW");
}
inline void check(const BankedDramPrice& p, Problems& problems) {
  require_unit("/read/unit", p.read.unit, "pJ/bit", problems);
  require_unit("/write/unit", p.write.unit, "pJ/bit", problems);
  require_unit("/activate/unit", p.activate.unit, "pJ/KiB", problems);
  require_unit("/refresh/unit", p.refresh.unit, "nJ", problems);
  require_unit("/background/unit", p.background.unit, "mW", problems);
}

template <class V>
void describe(DramPrice& p, V& v) {
  v.field("type", p.type, kText, "memory, as the accelerator names it");
  v.object("read", p.read, {.required = true}, "energy of a read, pJ/bit");
  v.object("write", p.write, {.required = true}, "energy of a write, pJ/bit");
  v.object("banked", p.banked, "prices for the banked model of DRAM");
}
inline void check(const DramPrice& p, Problems& problems) {
  require_unit("/read/unit", p.read.unit, "pJ/bit", problems);
  require_unit("/write/unit", p.write.unit, "pJ/bit", problems);
}

struct SramFile {
  std::string file, device_type;
  double voltage_v = 0, temperature_c = 0;
  UnitsFile units;
  int year = 0;
  std::string trust, source;
};
template <class V>
void describe(SramFile& p, V& v) {
  v.field("file", p.file, kText, "CACTI table, relative to this file");
  v.field("device_type", p.device_type, kText, "which rows");
  v.field("voltage_v", p.voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "supply");
  v.field("temperature_c", p.temperature_c, {.min = -55, .max = 150, .required = true, .unit = "C"}, "temperature");
  v.object("units", p.units, {.required = true}, "units of the table");
  v.field("year", p.year, kYear, "year of the tool");
  v.field("trust", p.trust, "A primary file, B secondary text, C derived or assumed, D recalled");
  v.field("source", p.source, kText, "tool and settings");
}
inline void check(const SramFile& p, Problems& problems) {
  require_unit("/units/energy", p.units.energy, "pJ", problems);
  require_unit("/units/area", p.units.area, "mm2", problems);
  require_unit("/units/leakage", p.units.leakage, "mW", problems);
  require_unit("/units/width", p.units.width, "bit", problems);
  require_unit("/units/capacity", p.units.capacity, "byte", problems);
}

struct TechnologyFile {
  std::string name, description, primitives;
  double node_nm = 0, voltage_v = 0, temperature_c = 0;
  Quantity clock;
  SramFile sram;
  Quantity wire;
  std::vector<DramPrice> dram;
};
template <class V>
void describe(TechnologyFile& p, V& v) {
  v.tag("schema", "lnsim.technology/1", "kind of file");
  v.field("name", p.name, kText, "name");
  v.field("description", p.description, "what it is, and where its boundaries lie");
  v.field("node_nm", p.node_nm, {.min = 1, .max = 1000, .required = true, .unit = "nm"}, "technology node");
  v.field("voltage_v", p.voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "supply of the logic");
  v.field("temperature_c", p.temperature_c, {.min = -55, .max = 150, .required = true, .unit = "C"}, "of the logic");
  v.object("clock", p.clock, {.required = true}, "default clock, MHz");
  v.field("primitives", p.primitives, kText, "file of logic primitives, relative to this file");
  v.object("sram", p.sram, {.required = true}, "on-chip memories");
  v.object("wire", p.wire, {.required = true}, "wires, fJ/bit/mm per transition");
  v.list("dram", p.dram, {.min = 1, .max = 100, .required = true}, "off-chip memories");
}
inline void check(const TechnologyFile& p, Problems& problems) {
  require_unit("/clock/unit", p.clock.unit, "MHz", problems);
  require_unit("/wire/unit", p.wire.unit, "fJ/bit/mm", problems);
  if (p.clock.value <= 0.0) problems.add("/clock/value", format_double(p.clock.value), "> 0");
}

}  // namespace lnsim::energy
