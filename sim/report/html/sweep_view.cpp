// SPDX-License-Identifier: Apache-2.0
#include "sim/report/html/sweep_view.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "sim/support/error.hpp"

namespace lnsim::report {
namespace {

constexpr std::size_t kMostDesigns = 10000;
constexpr std::size_t kMostFailed = 200;

const Json& member(const Json& json, const char* name, Json::value_t type, const std::string& file,
                   const std::string& at) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  if (found == json.end()) throw InputError(file, at, std::string("no \"") + name + "\"", "a result of lnsim sweep");
  const bool number = type == Json::value_t::number_float && found->is_number();
  const bool whole = type == Json::value_t::number_unsigned && found->is_number_unsigned();
  if (!number && !whole && found->type() != type) {
    throw InputError(file, pointer_to(at, name), brief_json(*found), "what lnsim sweep writes there");
  }
  return *found;
}

std::string text_of(const Json& json, const char* name, const std::string& file, const std::string& at) {
  return member(json, name, Json::value_t::string, file, at).get<std::string>();
}

Json columns_of(const Json& root, const std::string& file) {
  Json columns = Json::array();
  columns.push_back({{"name", "design"}});
  const Json& axes = member(root, "axes", Json::value_t::array, file, "");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].is_string()) throw InputError(file, pointer_to("/axes", i), brief_json(axes[i]), "a name");
    columns.push_back({{"name", axes[i]}});
  }
  const Json& metrics = member(root, "metrics", Json::value_t::array, file, "");
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const std::string at = pointer_to("/metrics", i);
    columns.push_back({{"name", text_of(metrics[i], "name", file, at)},
                       {"unit", text_of(metrics[i], "unit", file, at)},
                       {"text", text_of(metrics[i], "text", file, at)},
                       {"more_is_better", member(metrics[i], "more_is_better", Json::value_t::boolean, file, at)}});
  }
  return columns;
}

/// [number, values, metrics] in the order of the columns.
Json row_of(const Json& design, const Json& columns, std::size_t axes, const std::string& file, const std::string& at) {
  Json row = Json::array();
  row.push_back(member(design, "number", Json::value_t::number_unsigned, file, at));
  for (std::size_t c = 1; c < columns.size(); ++c) {
    const char* const part = c <= axes ? "axes" : "metrics";
    const Json& values = member(design, part, Json::value_t::object, file, at);
    const auto found = values.find(columns[c]["name"].get<std::string>());
    if (found == values.end() || (c > axes && !found->is_number())) {
      throw InputError(file, pointer_to(pointer_to(at, part), columns[c]["name"].get<std::string>()),
                       found == values.end() ? "missing" : brief_json(*found), c > axes ? "a number" : "a value");
    }
    row.push_back(*found);
  }
  return row;
}

Json sensitivity_of(const Json& root, const std::string& file) {
  const Json& effects = member(root, "sensitivity", Json::value_t::array, file, "");
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const std::string at = pointer_to("/sensitivity", i);
    for (const char* name : {"axis", "metric"}) (void)text_of(effects[i], name, file, at);
    for (const char* name : {"share", "factor"}) (void)member(effects[i], name, Json::value_t::number_float, file, at);
  }
  return effects;
}

}  // namespace

Json sweep_view(const Json& root, const std::string& file) {
  Json view = {{"name", text_of(root, "name", file, "")}};
  for (const char* name : {"size", "excluded"}) {
    view[name] = member(root, name, Json::value_t::number_unsigned, file, "");
  }
  const Json columns = columns_of(root, file);
  const std::size_t axes = root["axes"].size();
  view["columns"] = columns;
  view["axes"] = axes;
  view["sensitivity"] = sensitivity_of(root, file);
  const Json& pareto = member(root, "pareto", Json::value_t::object, file, "");
  view["pareto"] = member(pareto, "columns", Json::value_t::array, file, "/pareto");
  view["front"] = member(pareto, "designs", Json::value_t::array, file, "/pareto");
  std::set<std::string> names;
  for (const Json& column : columns) names.insert(column["name"].get<std::string>());
  for (std::size_t i = 0; i < view["pareto"].size(); ++i) {
    const Json& name = view["pareto"][i];
    if (!name.is_string() || names.count(name.get<std::string>()) == 0) {
      throw InputError(file, pointer_to("/pareto/columns", i), brief_json(name), "an axis or a metric");
    }
  }
  std::set<std::uint64_t> front;
  for (std::size_t i = 0; i < view["front"].size(); ++i) {
    const Json& number = view["front"][i];
    if (!number.is_number_unsigned()) {
      throw InputError(file, pointer_to("/pareto/designs", i), brief_json(number), "the number of a design");
    }
    front.insert(number.get<std::uint64_t>());
  }
  const Json& designs = member(root, "designs", Json::value_t::array, file, "");
  const std::size_t step = (designs.size() + kMostDesigns - 1) / kMostDesigns;
  view["evaluated"] = designs.size();
  view["designs"] = Json::array();
  for (std::size_t i = 0; i < designs.size(); ++i) {
    Json row = row_of(designs[i], columns, axes, file, pointer_to("/designs", i));
    if (i % step == 0 || front.count(row[0].get<std::uint64_t>()) != 0) view["designs"].push_back(std::move(row));
  }
  const Json& failed = member(root, "failed", Json::value_t::array, file, "");
  view["failures"] = failed.size();
  view["failed"] = Json::array();
  for (std::size_t i = 0; i < std::min(failed.size(), kMostFailed); ++i) {
    const std::string at = pointer_to("/failed", i);
    view["failed"].push_back({{"number", member(failed[i], "number", Json::value_t::number_unsigned, file, at)},
                              {"axes", member(failed[i], "axes", Json::value_t::object, file, at)},
                              {"error", text_of(failed[i], "error", file, at)}});
  }
  return view;
}

}  // namespace lnsim::report
