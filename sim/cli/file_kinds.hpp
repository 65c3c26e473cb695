// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "sim/support/json.hpp"
#include "sim/support/shipped.hpp"

namespace lnsim::cli {

/// A kind of JSON file: the text of its top-level "schema", and the function that checks it and throws InputError.
struct FileKind {
  std::string_view schema;
  void (*check)(const Document& document, const ShippedFiles& shipped);
};

/// All kinds of files that `lnsim validate` knows.
[[nodiscard]] std::span<const FileKind> file_kinds();

/// The kind of a document. Throws InputError if it has no "schema" or an unknown one.
[[nodiscard]] const FileKind& kind_of(const Document& document);

}  // namespace lnsim::cli
