// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "sim/trace/trace.hpp"

namespace lnsim {
namespace {

/// Keys of both maps, in order.
template <class Map>
std::set<std::string> keys(const Map& one, const Map& other) {
  std::set<std::string> all;
  for (const auto& [key, value] : one) all.insert(key);
  for (const auto& [key, value] : other) all.insert(key);
  return all;
}

template <class Map>
typename Map::mapped_type value_or_empty(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

std::vector<std::string> differences(const TraceEntry& one, const TraceEntry& other) {
  std::vector<std::string> lines;
  const auto number = [&](const std::string& what, std::uint64_t a, std::uint64_t b) {
    if (a != b) lines.push_back(what + ": " + std::to_string(a) + " and " + std::to_string(b));
  };
  number("cycles", one.cycles, other.cycles);
  number("compulsory DRAM bytes", one.compulsory_dram_bytes, other.compulsory_dram_bytes);
  number("macs", one.macs, other.macs);
  number("issued_macs", one.issued_macs, other.issued_macs);
  for (const std::string& module : keys(one.stalls, other.stalls)) {
    const auto a = value_or_empty(one.stalls, module);
    const auto b = value_or_empty(other.stalls, module);
    for (const std::string& cause : keys(a, b)) {
      number(module + " " + cause, value_or_empty(a, cause), value_or_empty(b, cause));
    }
  }
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    const auto action = static_cast<Action>(i);
    const ActionInfo& info = action_table()[i];
    number(std::string(info.component) + "/" + std::string(info.action), one.counts[action], other.counts[action]);
  }
  for (const std::string& bound : keys(one.bounds_cycles, other.bounds_cycles)) {
    number("bound " + bound, value_or_empty(one.bounds_cycles, bound), value_or_empty(other.bounds_cycles, bound));
  }
  if (lines.empty() && one != other) lines.push_back("what describes the pass: names, shapes, formats or mappings");
  return lines;
}

}  // namespace lnsim
