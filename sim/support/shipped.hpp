// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim {

/// Finds shipped files by name. A root holds workloads/*.json and configs/<kind>/*.json, as the source tree does;
/// several roots are searched in order.
class ShippedFiles {
 public:
  explicit ShippedFiles(std::vector<std::filesystem::path> roots) : roots_(std::move(roots)) {}

  /// Path of a file that the user named: a path if it contains "/" or ends in ".json" (returned as it is), otherwise
  /// the name of a shipped file of the kind ("workloads", "accelerators", "schemes", "technology", "grids", ...).
  /// Throws InputError that lists the known names; `option` ("--scheme") says where the name was given.
  [[nodiscard]] std::filesystem::path find(std::string_view kind, const std::string& name,
                                           const std::string& option) const;

  /// Names of the kind in all roots, sorted.
  [[nodiscard]] std::vector<std::string> names(std::string_view kind) const;

  [[nodiscard]] const std::vector<std::filesystem::path>& roots() const { return roots_; }

 private:
  std::vector<std::filesystem::path> roots_;
};

/// Where to look, in order: `data_dir` alone if it is not empty; else $LNSIM_DATA_DIR alone if it is set; else
/// ../share/lnsim beside the running executable, then `source_dir` (the source tree, in build-tree binaries; else "").
[[nodiscard]] std::vector<std::filesystem::path> data_roots(const std::string& data_dir, const std::string& source_dir);

}  // namespace lnsim
