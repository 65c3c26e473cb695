// SPDX-License-Identifier: Apache-2.0
#include "energy/technology.hpp"

#include <array>
#include <optional>

#include "energy/technology_files.hpp"
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

LogicPrices read_logic(const std::filesystem::path& path, const TechnologyFile& technology) {
  const Document document = read_json_file(path);
  const auto file = read_object<PrimitivesFile>(document);
  Problems problems(document.file);
  LogicPrices logic = logic_of(file, problems);
  if (file.node_nm != technology.node_nm) {
    problems.add("/node_nm", format_double(file.node_nm),
                 "the node of the technology, " + format_double(technology.node_nm));
  }
  if (file.voltage_v != technology.voltage_v) {
    problems.add("/voltage_v", format_double(file.voltage_v),
                 "the voltage of the technology, " + format_double(technology.voltage_v));
  }
  problems.throw_if_any();
  return logic;
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
  Technology technology;
  technology.name = file.name;
  technology.description = file.description;
  technology.node_nm = file.node_nm;
  technology.voltage_v = file.voltage_v;
  technology.temperature_c = file.temperature_c;
  technology.clock = file.clock;
  technology.wire = file.wire;
  technology.dram = file.dram;
  technology.logic = read_logic(folder / file.primitives, file);
  technology.sram.columns = read_sram_columns(folder / file.sram.file, file.sram.device_type);
  technology.sram.device_type = file.sram.device_type;
  technology.sram.source = file.sram.source;
  technology.sram.voltage_v = file.sram.voltage_v;
  technology.sram.temperature_c = file.sram.temperature_c;
  technology.sram.year = file.sram.year;
  return technology;
}

}  // namespace lnsim::energy
