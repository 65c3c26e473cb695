// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The files behind a technology, field by field: read with read_object, documented by fields_of and schema_of.

#include <array>
#include <optional>
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
  v.field("voltage_v", p.voltage_v, {.min = 0, .max = 10, .unit = "V"}, "supply at which it holds; 0: any");
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
  double node_nm = 0, voltage_v = 0, temperature_c = 0;
  UnitsFile units;
  int year = 0;
  std::string trust, source, dynamic_family, static_family, mixed;
};
template <class V>
void describe(SramFile& p, V& v) {
  v.field("file", p.file, kText, "table of macros, relative to this file");
  v.field("device_type", p.device_type, kText, "which rows");
  v.field("node_nm", p.node_nm, {.min = 1, .max = 1000, .required = true, .unit = "nm"}, "node of the macros");
  v.field("voltage_v", p.voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "supply of the table");
  v.field("temperature_c", p.temperature_c, {.min = -55, .max = 150, .required = true, .unit = "C"}, "temperature");
  v.object("units", p.units, {.required = true}, "units of the table");
  v.field("year", p.year, kYear, "year of the tool");
  v.field("trust", p.trust, "A primary file, B secondary text, C derived or assumed, D recalled");
  v.field("source", p.source, kText, "tool and settings");
  v.field("dynamic_family", p.dynamic_family, kText, "tool or table that the energies come from");
  v.field("static_family", p.static_family, kText, "tool or table that leakage, area and cycle time come from");
  v.field("mixed", p.mixed,
          "why two families, or macros of another node, stand in one memory hierarchy; without it they are an error");
}
inline void check(const SramFile& p, Problems& problems) {
  require_unit("/units/energy", p.units.energy, "pJ", problems);
  require_unit("/units/area", p.units.area, "mm2", problems);
  require_unit("/units/leakage", p.units.leakage, "mW", problems);
  require_unit("/units/width", p.units.width, "bit", problems);
  require_unit("/units/capacity", p.units.capacity, "byte", problems);
  if (p.dynamic_family != p.static_family && p.mixed.empty()) {
    problems.add("/static_family", "\"" + p.static_family + "\"",
                 "\"" + p.dynamic_family + "\", as the energies, or the reason in \"mixed\"");
  }
}

/// Logic of another node: which set takes it from the base's node to this one.
struct ScalingFile {
  std::string set, from, to;
  double from_voltage_v = 0;
};
template <class V>
void describe(ScalingFile& p, V& v) {
  v.field("set", p.set, kText, "scaling set, relative to this file");
  v.field("from", p.from, kText, "node of the set that stands for the base technology");
  v.field("to", p.to, kText, "node of the set that stands for this one");
  v.field("from_voltage_v", p.from_voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"},
          "supply at which the step between the nodes is made; the base is brought to it by V^2");
}

struct TechnologyFile {
  std::string name, description, primitives, scaled_from;
  double node_nm = 0, voltage_v = 0, temperature_c = 0;
  Quantity clock;
  std::optional<ScalingFile> scaling;
  std::optional<Quantity> clock_tree, threshold, alpha, wire;
  std::optional<SramFile> sram;
  std::vector<DramPrice> dram;
};
template <class V>
void describe(TechnologyFile& p, V& v) {
  v.tag("schema", "lnsim.technology/1", "kind of file");
  v.field("name", p.name, kText, "name");
  v.field("description", p.description, "what it is, and where its boundaries lie");
  v.field("node_nm", p.node_nm, {.min = 1, .max = 1000, .required = true, .unit = "nm"}, "technology node");
  v.field("voltage_v", p.voltage_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"},
          "supply of logic, memories and wires; prices given at another one are scaled (energy V^2, leakage V)");
  v.field("temperature_c", p.temperature_c, {.min = -55, .max = 150, .required = true, .unit = "C"}, "of the logic");
  v.object("clock", p.clock, {.required = true}, "default clock, MHz");
  v.field("primitives", p.primitives, "file of logic primitives, relative to this file; not with scaled_from");
  v.field("scaled_from", p.scaled_from,
          "technology file, relative to this one, whose prices are scaled; what is given here replaces what it has");
  v.object("scaling", p.scaling, "with scaled_from: how its logic and memories scale to this node");
  v.object("clock_tree", p.clock_tree, "energy of clock buffers and wires, relative to that of the flip-flops");
  v.object("threshold", p.threshold, "threshold voltage of the delay law, V");
  v.object("alpha", p.alpha, "exponent of the delay law");
  v.object("sram", p.sram, "on-chip memories");
  v.object("wire", p.wire, "wires, fJ/bit/mm per transition");
  v.list("dram", p.dram, {.max = 100}, "off-chip memories");
}
inline void check(const TechnologyFile& p, Problems& problems) {
  require_unit("/clock/unit", p.clock.unit, "MHz", problems);
  if (p.clock.value <= 0.0) problems.add("/clock/value", format_double(p.clock.value), "> 0");
  if (p.wire) require_unit("/wire/unit", p.wire->unit, "fJ/bit/mm", problems);
  if (p.clock_tree) require_unit("/clock_tree/unit", p.clock_tree->unit, "1", problems);
  if (p.threshold) require_unit("/threshold/unit", p.threshold->unit, "V", problems);
  if (p.alpha) require_unit("/alpha/unit", p.alpha->unit, "1", problems);
  const bool scaled = !p.scaled_from.empty();
  const auto need = [&](const char* name, bool present) {
    if (!present) problems.add("", "no \"" + std::string(name) + "\"", "it, or \"scaled_from\"");
  };
  if (!scaled) {
    need("primitives", !p.primitives.empty());
    need("sram", p.sram.has_value());
    need("wire", p.wire.has_value());
    need("dram", !p.dram.empty());
    need("clock_tree", p.clock_tree.has_value());
    need("threshold", p.threshold.has_value());
    need("alpha", p.alpha.has_value());
    if (p.scaling) problems.add("/scaling", "without \"scaled_from\"", "a technology to scale");
  } else {
    if (!p.primitives.empty()) problems.add("/primitives", "with \"scaled_from\"", "one of the two");
    if (!p.scaling) problems.add("", "no \"scaling\"", "how " + p.scaled_from + " becomes this node");
  }
}

struct ScalingNodeFile {
  std::string name;
  double node_nm = 0, lowest_v = 0, highest_v = 0;
  double e2 = 0, e1 = 0, e0 = 0, d3 = 0, d2 = 0, d1 = 0, d0 = 0, area = 0;
};
template <class V>
void describe(ScalingNodeFile& p, V& v) {
  constexpr Limits kCoefficient{.required = true};
  v.field("name", p.name, kText, "name of the node in the set");
  v.field("node_nm", p.node_nm, {.min = 1, .max = 1000, .required = true, .unit = "nm"}, "its node");
  v.field("lowest_v", p.lowest_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "lowest supply");
  v.field("highest_v", p.highest_v, {.min = 0.1, .max = 10, .required = true, .unit = "V"}, "highest supply");
  v.field("e2", p.e2, kCoefficient, "energy, relative: coefficient of V^2");
  v.field("e1", p.e1, kCoefficient, "of V");
  v.field("e0", p.e0, kCoefficient, "constant");
  v.field("d3", p.d3, kCoefficient, "delay, relative: coefficient of V^3");
  v.field("d2", p.d2, kCoefficient, "of V^2");
  v.field("d1", p.d1, kCoefficient, "of V");
  v.field("d0", p.d0, kCoefficient, "constant");
  v.field("area", p.area, {.min = 1e-6, .required = true}, "area, relative to the first node");
}

struct ScalingSetFile {
  std::string name, description, source, trust;
  int year = 0;
  std::vector<ScalingNodeFile> nodes;
};
template <class V>
void describe(ScalingSetFile& p, V& v) {
  v.tag("schema", "lnsim.scaling/1", "kind of file");
  v.field("name", p.name, kText, "name of the set");
  v.field("description", p.description, "what it says and what not");
  v.field("year", p.year, kYear, "year of publication");
  v.field("source", p.source, kText, "where it was published");
  v.field("trust", p.trust, "A primary file, B secondary text, C derived or assumed, D recalled");
  v.list("nodes", p.nodes, {.min = 1, .max = 100, .required = true}, "the nodes");
}

}  // namespace lnsim::energy
