// SPDX-License-Identifier: Apache-2.0
#include "energy/scaling.hpp"

#include <cmath>

#include "energy/technology_files.hpp"
#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

double energy_at(const ScalingNode& node, double v) {
  return (node.energy[0] * v + node.energy[1]) * v + node.energy[2];
}

double delay_at(const ScalingNode& node, double v) {
  return ((node.delay[0] * v + node.delay[1]) * v + node.delay[2]) * v + node.delay[3];
}

void require_supply(const std::string& set, const ScalingNode& node, double v) {
  if (v >= node.lowest_v && v <= node.highest_v) return;
  throw InputError("scaling set " + set, "/nodes", node.name + " at " + format_double(v) + " V",
                   format_double(node.lowest_v) + " to " + format_double(node.highest_v) + " V, where its fits hold");
}

ScalingNode node_of(const ScalingNodeFile& file) {
  ScalingNode node;
  node.name = file.name;
  node.node_nm = file.node_nm;
  node.lowest_v = file.lowest_v;
  node.highest_v = file.highest_v;
  node.energy = {file.e2, file.e1, file.e0};
  node.delay = {file.d3, file.d2, file.d1, file.d0};
  node.area = file.area;
  return node;
}

}  // namespace

ScalingFactors operator*(const ScalingFactors& first, const ScalingFactors& second) {
  return {first.energy * second.energy, first.area * second.area, first.leakage * second.leakage,
          first.delay * second.delay};
}

const ScalingNode& ScalingSet::node(std::string_view wanted, const std::string& file,
                                    const std::string& pointer) const {
  std::vector<std::string_view> names;
  for (const ScalingNode& node : nodes) {
    if (node.name == wanted) return node;
    names.emplace_back(node.name);
  }
  throw InputError(file, pointer, brief_json(Json(std::string(wanted))),
                   suggestion(wanted, names) + " (of scaling set " + name + ")");
}

ScalingFactors ScalingSet::between(const ScalingNode& from, double from_v, const ScalingNode& to, double to_v) const {
  require_supply(name, from, from_v);
  require_supply(name, to, to_v);
  return {energy_at(to, to_v) / energy_at(from, from_v), to.area / from.area,
          to.node_nm / from.node_nm * (to_v / from_v), delay_at(to, to_v) / delay_at(from, from_v)};
}

ScalingSet read_scaling_set(const std::filesystem::path& path) {
  const auto file = read_object<ScalingSetFile>(read_json_file(path));
  ScalingSet set{file.name, file.source, file.year, {}};
  for (const ScalingNodeFile& node : file.nodes) set.nodes.push_back(node_of(node));
  return set;
}

ScalingFactors supply_factors(double from_v, double to_v, double threshold_v, double alpha) {
  LNSIM_CHECK(from_v > threshold_v && to_v > threshold_v, "a supply at or below the threshold voltage");
  const double ratio = to_v / from_v;
  const double drive = std::pow((to_v - threshold_v) / (from_v - threshold_v), alpha);
  return {ratio * ratio, 1, ratio, ratio / drive};
}

}  // namespace lnsim::energy
