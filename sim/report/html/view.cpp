// SPDX-License-Identifier: Apache-2.0
#include "sim/report/html/view.hpp"

#include <array>
#include <string>
#include <string_view>

#include "energy/accounting.hpp"
#include "energy/components/components.hpp"
#include "sim/report/html/sweep_view.hpp"
#include "sim/support/error.hpp"

namespace lnsim::report {
namespace {

enum class Kind { kText, kNumber, kCount, kObject, kArray };

struct Field {
  const char* pointer;
  Kind kind;
};

/// What the page's scripts read without asking whether it is there.
constexpr std::array kReportFields{
    Field{"/workload", Kind::kText},
    Field{"/accelerator", Kind::kText},
    Field{"/scheme", Kind::kText},
    Field{"/technology", Kind::kText},
    Field{"/engine", Kind::kText},
    Field{"/version", Kind::kText},
    Field{"/batch", Kind::kCount},
    Field{"/micro_batches", Kind::kCount},
    Field{"/config", Kind::kObject},
    Field{"/config/clock_hz", Kind::kCount},
    Field{"/config/accelerator", Kind::kObject},
    Field{"/config/accelerator/pe/lanes", Kind::kCount},
    Field{"/config/grid/region", Kind::kText},
    Field{"/config/grid/name", Kind::kText},
    Field{"/config/grid/g_per_kwh", Kind::kNumber},
    Field{"/config/pue/value", Kind::kNumber},
    Field{"/totals/cycles", Kind::kCount},
    Field{"/totals/seconds", Kind::kNumber},
    Field{"/totals/macs", Kind::kCount},
    Field{"/totals/utilization", Kind::kNumber},
    Field{"/totals/energy_j", Kind::kNumber},
    Field{"/totals/energy_by_scope_j/datapath", Kind::kNumber},
    Field{"/totals/energy_by_scope_j/pe", Kind::kNumber},
    Field{"/totals/energy_by_scope_j/chip", Kind::kNumber},
    Field{"/totals/energy_by_scope_j/chip_dram", Kind::kNumber},
    Field{"/totals/power_w", Kind::kNumber},
    Field{"/totals/area_mm2", Kind::kNumber},
    Field{"/totals/dram_bytes", Kind::kCount},
    Field{"/totals/roofline", Kind::kObject},
    Field{"/totals/dram_footprint_bytes/weights", Kind::kCount},
    Field{"/totals/dram_footprint_bytes/optimizer", Kind::kCount},
    Field{"/totals/dram_footprint_bytes/activations", Kind::kCount},
    Field{"/totals/dram_footprint_bytes/gradients", Kind::kCount},
    Field{"/totals/carbon/operational_g", Kind::kNumber},
    Field{"/totals/run/name", Kind::kText},
    Field{"/totals/run/kwh", Kind::kNumber},
    Field{"/totals/run/operational_g", Kind::kNumber},
    Field{"/totals/run/total_g", Kind::kNumber},
    Field{"/energy_by_component_j", Kind::kObject},
    Field{"/leakage_by_component_j", Kind::kObject},
    Field{"/area_by_component_mm2", Kind::kObject},
    Field{"/layers", Kind::kArray},
};

constexpr std::array kLayerFields{
    Field{"/name", Kind::kText},       Field{"/pass", Kind::kText},     Field{"/repeat", Kind::kCount},
    Field{"/cycles", Kind::kCount},    Field{"/macs", Kind::kCount},    Field{"/stalls", Kind::kObject},
    Field{"/energy_j", Kind::kObject}, Field{"/bound_by", Kind::kText}, Field{"/roofline", Kind::kObject},
};

constexpr std::array kDataEnergyFields{Field{"/nominal_j", Kind::kObject}, Field{"/measured_j", Kind::kObject}};

constexpr std::array kIsoFields{Field{"/budget", Kind::kText}, Field{"/unit", Kind::kText},
                                Field{"/limit", Kind::kNumber}};

constexpr std::array kTrainingFields{
    Field{"/workload", Kind::kText},        Field{"/dataset", Kind::kText},
    Field{"/version", Kind::kText},         Field{"/accelerator", Kind::kText},
    Field{"/technology", Kind::kText},      Field{"/grid", Kind::kText},
    Field{"/pue", Kind::kNumber},           Field{"/train_samples", Kind::kCount},
    Field{"/test_samples", Kind::kCount},   Field{"/classes", Kind::kCount},
    Field{"/parameters", Kind::kCount},     Field{"/settings/epochs", Kind::kCount},
    Field{"/settings/batch", Kind::kCount}, Field{"/settings/seed", Kind::kCount},
    Field{"/schemes", Kind::kArray},
};

constexpr std::array kTrainedFields{
    Field{"/scheme", Kind::kText},           Field{"/optimizer", Kind::kText},
    Field{"/test_accuracy", Kind::kNumber},  Field{"/iteration/energy_j", Kind::kNumber},
    Field{"/run/iterations", Kind::kNumber}, Field{"/run/it_kwh", Kind::kNumber},
    Field{"/run/energy_j", Kind::kNumber},   Field{"/run/seconds", Kind::kNumber},
    Field{"/run/total_g", Kind::kNumber},    Field{"/epochs", Kind::kArray},
    Field{"/config", Kind::kObject},
};

constexpr std::array kEpochFields{
    Field{"/epoch", Kind::kCount},       Field{"/train_loss", Kind::kNumber}, Field{"/test_accuracy", Kind::kNumber},
    Field{"/macs", Kind::kCount},        Field{"/rounded", Kind::kCount},     Field{"/clipped", Kind::kCount},
    Field{"/saturations", Kind::kCount},
};

constexpr std::array kAccumulationFields{
    Field{"/workload", Kind::kText}, Field{"/batch", Kind::kCount}, Field{"/m_p", Kind::kCount},
    Field{"/chunk", Kind::kCount},   Field{"/nzr", Kind::kNumber},  Field{"/layers", Kind::kArray},
    Field{"/knees", Kind::kArray},
};

constexpr std::array kAccumulationRowFields{
    Field{"/name", Kind::kText},
    Field{"/pass", Kind::kText},
    Field{"/n", Kind::kCount},
    Field{"/plain/min_m_acc", Kind::kCount},
    Field{"/plain/vrr", Kind::kNumber},
    Field{"/chunked/min_m_acc", Kind::kCount},
    Field{"/chunked/vrr", Kind::kNumber},
};

constexpr std::array kSchemeRowFields{
    Field{"/scheme/nzr", Kind::kNumber},
    Field{"/scheme/own/vrr", Kind::kNumber},
    Field{"/scheme/own/saturations", Kind::kCount},
    Field{"/scheme/least/type", Kind::kText},
};

constexpr std::array kKneeFields{
    Field{"/m_acc", Kind::kCount},
    Field{"/plain_n", Kind::kCount},
    Field{"/chunked_n", Kind::kCount},
};

bool is(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::kText: return value.is_string();
    case Kind::kNumber: return value.is_number();
    case Kind::kCount:
      return value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
    case Kind::kObject: return value.is_object();
    case Kind::kArray: return value.is_array();
  }
  return false;
}

const char* description(Kind kind) {
  switch (kind) {
    case Kind::kText: return "a text";
    case Kind::kNumber: return "a number";
    case Kind::kCount: return "a whole number >= 0";
    case Kind::kObject: return "an object";
    case Kind::kArray: return "an array";
  }
  return "";
}

template <std::size_t n>
void check_fields(const Json& json, const std::array<Field, n>& fields, const std::string& file,
                  const std::string& at) {
  for (const Field& field : fields) {
    const Json::json_pointer pointer(field.pointer);
    if (!json.is_object() || !json.contains(pointer)) {
      throw InputError(file, at + field.pointer, "missing", description(field.kind));
    }
    if (!is(json.at(pointer), field.kind)) {
      throw InputError(file, at + field.pointer, brief_json(json.at(pointer)), description(field.kind));
    }
  }
}

/// Every member of an object is a number: what bars and sums are made of.
void check_numbers(const Json& object, const std::string& file, const std::string& at) {
  for (const auto& [key, value] : object.items()) {
    if (!value.is_number()) throw InputError(file, pointer_to(at, key), brief_json(value), "a number");
  }
}

void check_layer(const Json& layer, const std::string& file, const std::string& at) {
  check_fields(layer, kLayerFields, file, at);
  check_numbers(layer["energy_j"], file, at + "/energy_j");
  for (const auto& [module, causes] : layer["stalls"].items()) {
    const std::string place = pointer_to(at + "/stalls", module);
    if (!causes.is_object()) throw InputError(file, place, brief_json(causes), "an object");
    check_numbers(causes, file, place);
  }
}

void check_report(const Json& report, const std::string& file, const std::string& at) {
  check_fields(report, kReportFields, file, at);
  if (report["totals"].contains("data_energy")) {
    check_fields(report["totals"]["data_energy"], kDataEnergyFields, file, at + "/totals/data_energy");
    for (const auto& [kind, parts] : report["totals"]["data_energy"].items()) {
      check_numbers(parts, file, pointer_to(at + "/totals/data_energy", kind));
    }
  }
  for (const char* const name : {"energy_by_component_j", "leakage_by_component_j", "area_by_component_mm2"}) {
    check_numbers(report[name], file, at + "/" + name);
  }
  for (std::size_t i = 0; i < report["layers"].size(); ++i) {
    check_layer(report["layers"][i], file, pointer_to(at + "/layers", i));
  }
}

Json slim(const Json& report) {
  Json slimmed = report;
  slimmed["config"].erase("workload");
  slimmed["config"].erase("footprint_elements");
  for (Json& layer : slimmed["layers"]) {
    for (const char* const name : {"mapping", "counts", "gemms", "bounds_cycles"}) layer.erase(name);
  }
  return slimmed;
}

/// Integers that binary64 cannot hold become text.
void carry_integers_as_text(Json& json) {
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53U;
  if (json.is_structured()) {
    for (Json& part : json) carry_integers_as_text(part);
  } else if (json.is_number_unsigned() && json.get<std::uint64_t>() >= kExact) {
    json = std::to_string(json.get<std::uint64_t>());
  }
}

Json components_json() {
  Json list = Json::array();
  for (const std::string_view name : energy::components()) {
    list.push_back({{"name", name}, {"scope", energy::scope_name(energy::scope_of(name))}});
  }
  return list;
}

Json grids_json(const std::vector<carbon::Grid>& grids) {
  Json list = Json::array();
  for (const carbon::Grid& grid : grids) {
    list.push_back({{"region", grid.region},
                    {"name", grid.name},
                    {"g_per_kwh", grid.g_per_kwh},
                    {"year", grid.year},
                    {"kind", grid.kind},
                    {"source", grid.source}});
  }
  return list;
}

void check_accumulation(const Json& root, const std::string& file) {
  check_fields(root, kAccumulationFields, file, "");
  for (std::size_t i = 0; i < root["layers"].size(); ++i) {
    check_fields(root["layers"][i], kAccumulationRowFields, file, pointer_to("/layers", i));
    if (!root.contains("scheme")) continue;
    check_fields(root["layers"][i], kSchemeRowFields, file, pointer_to("/layers", i));
  }
  for (std::size_t i = 0; i < root["knees"].size(); ++i) {
    check_fields(root["knees"][i], kKneeFields, file, pointer_to("/knees", i));
  }
}

/// The schemes of a training; throws InputError where the page would miss something.
Json training_runs(const Json& root, const std::string& file) {
  check_fields(root, kTrainingFields, file, "");
  if (!root["schemes"].is_array() || root["schemes"].empty()) {
    throw InputError(file, "/schemes", brief_json(root["schemes"]), "an array of trainings");
  }
  for (std::size_t i = 0; i < root["schemes"].size(); ++i) {
    const std::string at = pointer_to("/schemes", i);
    const Json& run = root["schemes"][i];
    check_fields(run, kTrainedFields, file, at);
    if (!run.contains("diverged") || !(run["diverged"].is_null() || run["diverged"].is_string())) {
      throw InputError(file, at + "/diverged", "", "null or a text");
    }
    for (std::size_t e = 0; e < run["epochs"].size(); ++e) {
      check_fields(run["epochs"][e], kEpochFields, file, pointer_to(at + "/epochs", e));
    }
  }
  return root["schemes"];
}

}  // namespace

Json page_view(const Document& document, const std::vector<carbon::Grid>& grids) {
  const std::string& file = document.file;
  const Json& root = document.root;
  const std::string schema = root.is_object() && root.contains("schema") && root["schema"].is_string()
                                 ? root["schema"].get<std::string>()
                                 : "";
  Json view;
  view["reports"] = Json::array();
  if (schema == "lnsim.report/1") {
    check_report(root, file, "");
    view["reports"].push_back(slim(root));
  } else if (schema == "lnsim.comparison/1") {
    if (!root.contains("reports") || !root["reports"].is_array() || root["reports"].empty()) {
      throw InputError(file, "/reports", "missing", "an array of reports");
    }
    for (std::size_t i = 0; i < root["reports"].size(); ++i) {
      check_report(root["reports"][i], file, pointer_to("/reports", i));
      view["reports"].push_back(slim(root["reports"][i]));
    }
    if (root.contains("snr_db")) view["snr_db"] = root["snr_db"];
    if (root.contains("iso")) {
      check_fields(root["iso"], kIsoFields, file, "/iso");
      view["iso"] = root["iso"];
    }
  } else if (schema == "lnsim.training/1") {
    view["reports"] = training_runs(root, file);
    view["training"] = root;
    view["training"].erase("schemes");
  } else if (schema == "lnsim.accumulation/1") {
    check_accumulation(root, file);
    view["accumulation"] = root;
  } else if (schema == "lnsim.sweep_results/1") {
    view["sweep"] = sweep_view(root, file);
  } else {
    throw InputError(file, "/schema", schema.empty() ? "missing" : brief_json(Json(schema)),
                     "\"lnsim.report/1\", \"lnsim.comparison/1\", \"lnsim.training/1\", \"lnsim.accumulation/1\" or "
                     "\"lnsim.sweep_results/1\"");
  }
  if (schema == "lnsim.report/1" || schema == "lnsim.comparison/1") {
    view["components"] = components_json();
    view["grids"] = grids_json(grids);
  }
  carry_integers_as_text(view);
  return view;
}

}  // namespace lnsim::report
