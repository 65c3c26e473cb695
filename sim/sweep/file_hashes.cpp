// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/file_hashes.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/sweep/design.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

/// Files beside `folder` that strings of the JSON name.
void named_files(const Json& json, const fs::path& folder, std::vector<fs::path>& found) {
  constexpr std::size_t kMostName = 255;
  if (json.is_structured()) {
    for (const Json& part : json) named_files(part, folder, found);
  } else if (json.is_string()) {
    const auto& name = json.get_ref<const std::string&>();
    std::error_code error;
    const bool like_one = name.size() <= kMostName && (name.ends_with(".json") || name.ends_with(".csv"));
    if (like_one && fs::is_regular_file(folder / name, error)) found.push_back(folder / name);
  }
}

}  // namespace

const std::string& FileHashes::of(const fs::path& file) {
  const auto [at, fresh] = hashes_.try_emplace(file.lexically_normal().string(), "named in a circle");
  if (!fresh) return at->second;
  std::ifstream in(file, std::ios::binary);
  std::string text = in ? std::string(std::istreambuf_iterator<char>(in), {}) : "cannot be read";
  if (in && file.extension() == ".json") {
    std::vector<fs::path> named;
    try {
      named_files(parse_json(text, file.string()).root, file.parent_path(), named);
    } catch (const InputError&) {
      // Not JSON: its bytes are all that it is.
    }
    for (const fs::path& other : named) text += "\n" + of(other);
  }
  return at->second = text_hash(text);
}

}  // namespace lnsim
