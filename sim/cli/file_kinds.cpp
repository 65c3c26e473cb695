// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/file_kinds.hpp"

#include <array>
#include <string>
#include <vector>

#include "energy/carbon/carbon.hpp"
#include "energy/scaling.hpp"
#include "energy/technology.hpp"
#include "energy/technology_files.hpp"
#include "sim/arch/accelerator.hpp"
#include "sim/arch/dram_preset.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/sweep_spec.hpp"
#include "sim/trace/trace_file.hpp"
#include "sim/workload/network.hpp"

namespace lnsim::cli {
namespace {

/// A numerics file is sound as a file if it has requests; each of them is judged when it is evaluated.
void check_numerics(const Document& document, const ShippedFiles&) {
  const auto requests = document.root.find("requests");
  if (requests == document.root.end() || !requests->is_array()) {
    throw InputError(document.file, "/requests", requests == document.root.end() ? "missing" : brief_json(*requests),
                     "an array of requests");
  }
}

/// With the DRAM preset that it names.
void check_accelerator(const Document& document, const ShippedFiles& shipped) {
  (void)read_accelerator(with_dram_preset(document, shipped));
}

/// Also reads the files that the technology names.
void check_technology(const Document& document, const ShippedFiles&) { (void)energy::read_technology(document.file); }
Json scaling_schema() { return schema_of<energy::ScalingSetFile>("lnsim scaling"); }
Json technology_schema() { return schema_of<energy::TechnologyFile>("lnsim technology"); }

void check_sweep(const Document& document, const ShippedFiles&) { (void)read_sweep(document, metric_names()); }

/// A reader that takes a document, as a check.
template <auto kRead>
void check_document(const Document& document, const ShippedFiles&) {
  (void)kRead(document);
}

/// A reader that takes a path, as a check.
template <auto kRead>
void check_path(const Document& document, const ShippedFiles&) {
  (void)kRead(document.file);
}

constexpr std::array kKinds = {
    FileKind{"lnsim.accelerator/1", check_accelerator, accelerator_schema},
    FileKind{"lnsim.dram/1", check_document<read_dram_preset>, dram_preset_schema},
    FileKind{"lnsim.scheme/1", check_document<read_scheme>, scheme_schema},
    FileKind{"lnsim.workload/1", check_document<read_network>, network_schema},
    FileKind{"lnsim.mapping/1", check_document<read_mapping>, mapping_schema},
    FileKind{"lnsim.technology/1", check_technology, technology_schema},
    FileKind{"lnsim.scaling/1", check_path<energy::read_scaling_set>, scaling_schema},
    FileKind{"lnsim.sweep/1", check_sweep, sweep_schema},
    FileKind{"lnsim.trace/1", check_document<read_trace>, trace_schema},
    FileKind{"lnsim.run/1", check_path<carbon::read_run>, carbon::run_schema},
    FileKind{"lnsim.embodied/1", check_path<carbon::read_embodied>, carbon::embodied_schema},
    FileKind{"lnsim.numerics/1", check_numerics, nullptr},
};

std::vector<std::string_view> known_schemas() {
  std::vector<std::string_view> known;
  for (const FileKind& kind : kKinds) known.push_back(kind.schema);
  return known;
}

const FileKind* find_named(std::string_view schema) {
  for (const FileKind& kind : kKinds) {
    if (kind.schema == schema) return &kind;
  }
  return nullptr;
}

}  // namespace

std::span<const FileKind> file_kinds() { return kKinds; }

const FileKind& kind_of(const Document& document) {
  if (!document.root.is_object()) throw InputError(document.file, "", brief_json(document.root), "an object");
  const auto schema = document.root.find("schema");
  if (schema == document.root.end()) {
    throw InputError(document.file, "", "no \"schema\"", suggestion("", known_schemas()));
  }
  const std::string name = schema->is_string() ? schema->get<std::string>() : std::string();
  if (const FileKind* const kind = find_named(name); kind != nullptr) return *kind;
  throw InputError(document.file, "/schema", brief_json(*schema), suggestion(name, known_schemas()));
}

const FileKind& find_kind(const std::string& schema, const std::string& option) {
  if (const FileKind* const kind = find_named(schema); kind != nullptr) return *kind;
  throw InputError(option, "", brief_json(Json(schema)), suggestion(schema, known_schemas()));
}

}  // namespace lnsim::cli
