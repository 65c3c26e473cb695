// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lnsim {

/// JSON whose objects keep the order of their keys, so that what is read is written back in the same order.
using Json = nlohmann::ordered_json;

/// A parsed file with the name under which errors mention it.
struct Document {
  std::string file;
  Json root;
};

/// Objects and arrays may be nested this deep.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// Reads a JSON file (RFC 8259, UTF-8), strictly. Throws InputError with line and column for malformed text, a byte
/// order mark, invalid UTF-8, a NUL byte, a duplicate key, nesting beyond kMaxJsonDepth, a number beyond binary64
/// (1e400), text after the value; and without them for a missing, unreadable, empty or oversized (1 GiB) file and for a
/// directory.
[[nodiscard]] Document read_json_file(const std::filesystem::path& path);

/// The same for text in memory; `file` is used in messages only.
[[nodiscard]] Document parse_json(std::string_view text, std::string file);

/// Deterministic text: two spaces per level, arrays of numbers on one line, doubles by format_double, no dependence on
/// the locale, a final line break. Strings with characters that could act on a terminal are written in ASCII (\u202e).
/// Throws SimulationError for NaN, infinity and strings that are not UTF-8.
[[nodiscard]] std::string dump_json(const Json& value);

/// The value on one line, cut to about `most_bytes` with "..." and escaped for messages.
[[nodiscard]] std::string brief_json(const Json& value, std::size_t most_bytes = 60);

/// `pointer` extended by a key or an index, with "~" and "/" in keys escaped (RFC 6901).
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::size_t index);

}  // namespace lnsim
