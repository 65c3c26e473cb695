// SPDX-License-Identifier: Apache-2.0
#include "sim/support/shipped.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& root, std::string_view kind) {
  return kind == "workloads" ? root / "workloads" : root / "configs" / kind;
}

}  // namespace

fs::path ShippedFiles::find(std::string_view kind, const std::string& name, const std::string& option) const {
  if (name.find('/') != std::string::npos || name.ends_with(".json")) return name;
  for (const fs::path& root : roots_) {
    std::error_code ignored;
    const fs::path file = folder_of(root, kind) / (name + ".json");
    if (!name.empty() && fs::is_regular_file(file, ignored)) return file;
  }
  const std::vector<std::string> known = names(kind);
  std::string expected;
  if (known.empty()) {
    expected = "a file (no " + std::string(kind) + " found in";
    for (const fs::path& root : roots_) expected += " " + root.string();
    expected += roots_.empty() ? " any data folder)" : ")";
  } else {
    const std::string near = nearest(name, known);
    expected = near.empty() ? "" : "\"" + near + "\"? Known: ";
    for (const std::string& word : known) expected += (&word == &known.front() ? "" : ", ") + word;
    expected += "; or a file (with \"/\" or \".json\" in its name)";
  }
  throw InputError(option, "", brief_json(Json(name)), expected);
}

std::vector<std::string> ShippedFiles::names(std::string_view kind) const {
  std::vector<std::string> names;
  for (const fs::path& root : roots_) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(root, kind), ignored)) {
      if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<fs::path> data_roots(const std::string& data_dir, const std::string& source_dir) {
  if (!data_dir.empty()) return {data_dir};
  if (const char* const variable = std::getenv("LNSIM_DATA_DIR"); variable != nullptr && *variable != '\0') {
    return {variable};
  }
  std::vector<fs::path> roots;
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) roots.push_back(executable.parent_path().parent_path() / "share" / "lnsim");
  if (!source_dir.empty()) roots.emplace_back(source_dir);
  return roots;
}

}  // namespace lnsim
