// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "sim/support/json.hpp"
#include "sim/support/shipped.hpp"

namespace lnsim::cli {

/// A kind of JSON file, told by its top-level "schema".
struct FileKind {
  std::string_view schema;  ///< "lnsim.scheme/1"
  /// Throws InputError unless the file is sound; shipped: where the files are that it may name.
  void (*check)(const Document& document, const ShippedFiles& shipped);
  Json (*json_schema)();  ///< its JSON Schema (types, names, ranges), or null where there is none
};

/// All kinds of files that the program knows.
[[nodiscard]] std::span<const FileKind> file_kinds();

/// The kind of a document. Throws InputError if it has no "schema" or an unknown one.
[[nodiscard]] const FileKind& kind_of(const Document& document);

/// The kind of that name. Throws InputError, about `option`, that lists the known ones.
[[nodiscard]] const FileKind& find_kind(const std::string& schema, const std::string& option);

}  // namespace lnsim::cli
