// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/file_kinds.hpp"

#include <array>
#include <string>
#include <vector>

#ifdef LNSIM_WITH_ARCH
#include "sim/arch/accelerator.hpp"
#include "sim/arch/scheme.hpp"
#endif
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#ifdef LNSIM_WITH_WORKLOAD
#include "sim/workload/network.hpp"
#endif

namespace lnsim::cli {
namespace {

/// A numerics file is sound as a file if its requests are objects; each request is judged when it is evaluated.
void check_numerics(const Document& document, const ShippedFiles&) {
  const auto& requests = document.root.find("requests");
  if (requests == document.root.end() || !requests->is_array()) {
    throw InputError(document.file, "/requests", requests == document.root.end() ? "missing" : brief_json(*requests),
                     "an array of requests");
  }
}

#ifdef LNSIM_WITH_ARCH
void check_accelerator(const Document& document, const ShippedFiles&) { (void)read_accelerator(document); }
void check_scheme(const Document& document, const ShippedFiles&) { (void)read_scheme(document); }
#endif
#ifdef LNSIM_WITH_WORKLOAD
void check_workload(const Document& document, const ShippedFiles&) { (void)read_network(document); }
#endif

constexpr std::array kKinds = {
#ifdef LNSIM_WITH_ARCH
    FileKind{"lnsim.accelerator/1", check_accelerator},
    FileKind{"lnsim.scheme/1", check_scheme},
#endif
#ifdef LNSIM_WITH_WORKLOAD
    FileKind{"lnsim.workload/1", check_workload},
#endif
    FileKind{"lnsim.numerics/1", check_numerics},
};

}  // namespace

std::span<const FileKind> file_kinds() { return kKinds; }

const FileKind& kind_of(const Document& document) {
  std::vector<std::string_view> known;
  for (const FileKind& kind : file_kinds()) known.push_back(kind.schema);
  if (!document.root.is_object()) throw InputError(document.file, "", brief_json(document.root), "an object");
  const auto schema = document.root.find("schema");
  if (schema == document.root.end()) {
    throw InputError(document.file, "", "no \"schema\"", suggestion("", known));
  }
  const std::string name = schema->is_string() ? schema->get<std::string>() : std::string();
  for (const FileKind& kind : file_kinds()) {
    if (kind.schema == name) return kind;
  }
  throw InputError(document.file, "/schema", brief_json(*schema), suggestion(name, known));
}

}  // namespace lnsim::cli
