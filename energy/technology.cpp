// SPDX-License-Identifier: Apache-2.0
#include "energy/technology.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "energy/technology_files.hpp"
#include "energy/technology_scale.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::energy {
namespace {

std::vector<std::string_view> primitive_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kLogicPrimitives; ++i) names.push_back(primitive_name(static_cast<Primitive>(i)));
  return names;
}

std::vector<std::string_view> factor_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kFactors; ++i) names.push_back(factor_name(static_cast<Factor>(i)));
  return names;
}

/// Index of the name, each once; problems otherwise.
std::optional<std::size_t> place(const std::string& name, const std::vector<std::string_view>& names,
                                 std::vector<bool>& seen, Problems& problems) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != name) continue;
    if (seen[i]) problems.add("/name", "\"" + name + "\" again", "each name once");
    seen[i] = true;
    return i;
  }
  problems.add("/name", "\"" + name + "\"", suggestion(name, names));
  return std::nullopt;
}

void require_all(const char* pointer, const std::vector<std::string_view>& names, const std::vector<bool>& seen,
                 Problems& problems) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!seen[i]) problems.add(pointer, "no \"" + std::string(names[i]) + "\"", "all of them");
  }
}

PrimitiveTable table_of(const PrimitiveFile& file) {
  PrimitiveTable table;
  table.growth = file.growth;
  table.measured = file.kind == PrimitiveKind::kMeasured;
  table.source = file.source;
  table.year = file.year;
  for (const PointFile& point : file.points) {
    table.points.push_back({point.width, {point.energy_fj, point.area_um2, point.leakage_nw}, point.delay_ns});
  }
  return table;
}

LogicPrices logic_of(const PrimitivesFile& file, Problems& problems) {
  LogicPrices logic;
  const auto primitives = primitive_names();
  const auto factors = factor_names();
  std::vector<bool> seen_primitives(primitives.size());
  std::vector<bool> seen_factors(factors.size());
  const auto each = [&](const char* key, std::size_t index, auto read) {
    const Problems::Scope list(problems, std::string_view(key));
    const Problems::Scope item(problems, index);
    read();
  };
  for (std::size_t i = 0; i < file.primitives.size(); ++i) {
    each("primitives", i, [&] {
      const auto index = place(file.primitives[i].name, primitives, seen_primitives, problems);
      if (index) logic.tables[*index] = table_of(file.primitives[i]);
    });
  }
  for (std::size_t i = 0; i < file.factors.size(); ++i) {
    each("factors", i, [&] {
      const auto index = place(file.factors[i].name, factors, seen_factors, problems);
      if (index) logic.factors[*index] = {file.factors[i].value, file.factors[i].source};
    });
  }
  require_all("/primitives", primitives, seen_primitives, problems);
  require_all("/factors", factors, seen_factors, problems);
  return logic;
}

/// Logic at the node and supply of its own file.
struct MeasuredLogic {
  LogicPrices prices;
  double voltage_v = 0;
};

MeasuredLogic read_logic(const std::filesystem::path& path, const TechnologyFile& technology) {
  const Document document = read_json_file(path);
  const auto file = read_object<PrimitivesFile>(document);
  Problems problems(document.file);
  MeasuredLogic logic{logic_of(file, problems), file.voltage_v};
  if (file.node_nm != technology.node_nm) {
    problems.add("/node_nm", format_double(file.node_nm),
                 "the node of the technology, " + format_double(technology.node_nm));
  }
  problems.throw_if_any();
  return logic;
}

SramTable read_sram(const std::filesystem::path& folder, const SramFile& file) {
  SramTable table;
  table.columns = read_sram_columns(folder / file.file, file.device_type);
  table.device_type = file.device_type;
  table.source = file.source;
  table.voltage_v = file.voltage_v;
  table.temperature_c = file.temperature_c;
  table.year = file.year;
  return table;
}

/// The step from one supply to another of one node, with the reason in words.
struct SupplyStep {
  ScalingFactors factors;
  std::string why;
};

SupplyStep supply_step(const Technology& technology, double from_v, double to_v, const std::string& file) {
  const double threshold = technology.threshold.value;
  if (from_v <= threshold || to_v <= threshold) {
    throw InputError(file, "/voltage_v", format_double(std::min(from_v, to_v)),
                     "above the threshold of " + format_double(threshold) + " V");
  }
  return {supply_factors(from_v, to_v, threshold, technology.alpha.value),
          "from " + format_double(from_v) + " V to " + format_double(to_v) + " V: energy V^2, leakage V"};
}

/// Conditions and what the file gives itself; the rest comes from `technology`, the base or an empty one.
void take_own_fields(Technology& technology, const TechnologyFile& file) {
  technology.name = file.name;
  technology.description = file.description;
  technology.node_nm = file.node_nm;
  technology.voltage_v = file.voltage_v;
  technology.temperature_c = file.temperature_c;
  technology.clock = file.clock;
  if (file.clock_tree) technology.clock_tree = *file.clock_tree;
  if (file.threshold) technology.threshold = *file.threshold;
  if (file.alpha) technology.alpha = *file.alpha;
  if (file.wire) technology.wire = *file.wire;
  if (!file.dram.empty()) technology.dram = file.dram;
}

void require_one_hierarchy(const TechnologyFile& file, const std::string& name) {
  if (!file.sram || !file.sram->mixed.empty() || file.sram->node_nm == file.node_nm) return;
  throw InputError(name, "/sram/node_nm", format_double(file.sram->node_nm),
                   "the node of the technology, " + format_double(file.node_nm) + ", or the reason in \"mixed\"");
}

/// Memories of the file's own table, brought to the technology's supply.
void take_own_sram(Technology& technology, const TechnologyFile& file, const std::filesystem::path& folder,
                   const std::string& name) {
  require_one_hierarchy(file, name);
  technology.sram = read_sram(folder, *file.sram);
  if (technology.sram.voltage_v == file.voltage_v) return;
  const SupplyStep step = supply_step(technology, technology.sram.voltage_v, file.voltage_v, name);
  scale(technology.sram, step.factors, step.why);
  technology.sram.voltage_v = file.voltage_v;
}

Technology own_technology(const TechnologyFile& file, const std::filesystem::path& folder, const std::string& name) {
  Technology technology;
  take_own_fields(technology, file);
  MeasuredLogic logic = read_logic(folder / file.primitives, file);
  technology.logic = std::move(logic.prices);
  if (logic.voltage_v != file.voltage_v) {
    const SupplyStep step = supply_step(technology, logic.voltage_v, file.voltage_v, name);
    scale(technology.logic, step.factors, step.why);
  }
  take_own_sram(technology, file, folder, name);
  return technology;
}

Technology scaled_technology(const TechnologyFile& file, const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path base_path = folder / file.scaled_from;
  const Document base = read_json_file(base_path);
  const auto base_file = read_object<TechnologyFile>(base);
  if (!base_file.scaled_from.empty()) {
    throw InputError(name, "/scaled_from", "\"" + file.scaled_from + "\"", "a technology that is not scaled itself");
  }
  Technology technology = own_technology(base_file, base_path.parent_path(), base.file);
  const ScalingSet set = read_scaling_set(folder / file.scaling->set);
  const ScalingNode& from = set.node(file.scaling->from, name, "/scaling/from");
  const ScalingNode& to = set.node(file.scaling->to, name, "/scaling/to");
  if (from.node_nm != technology.node_nm || to.node_nm != file.node_nm) {
    throw InputError(
        name, "/scaling", from.name + " to " + to.name,
        "nodes of " + format_double(technology.node_nm) + " nm and " + format_double(file.node_nm) + " nm");
  }
  const double meet_v = file.scaling->from_voltage_v;
  const SupplyStep step = supply_step(technology, technology.voltage_v, meet_v, name);
  const ScalingFactors factors = step.factors * set.between(from, meet_v, to, file.voltage_v);
  const std::string why = step.why + "; " + from.name + " " + format_double(meet_v) + " V to " + to.name + " " +
                          format_double(file.voltage_v) + " V: scaling set " + set.name;
  scale(technology.logic, factors, why);
  take_own_fields(technology, file);
  if (file.sram) {
    take_own_sram(technology, file, folder, name);
  } else {
    scale(technology.sram, factors, why);
    technology.sram.voltage_v = file.voltage_v;
  }
  return technology;
}

}  // namespace

std::size_t Technology::dram_index(std::string_view type) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < dram.size(); ++i) {
    if (dram[i].type == type) return i;
    names.emplace_back(dram[i].type);
  }
  throw InputError("technology " + name, "/dram", "no price for \"" + std::string(type) + "\"",
                   suggestion(type, names));
}

Technology read_technology(const std::filesystem::path& path) {
  const Document document = read_json_file(path);
  const auto file = read_object<TechnologyFile>(document);
  const std::filesystem::path folder = path.parent_path();
  Technology technology = file.scaled_from.empty() ? own_technology(file, folder, document.file)
                                                   : scaled_technology(file, folder, document.file);
  bring_to_supply(technology.wire, technology.voltage_v);
  return technology;
}

}  // namespace lnsim::energy
