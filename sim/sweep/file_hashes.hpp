// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace lnsim {

/// Hashes of files with all that they name: of a JSON file also the files that its strings name beside it, and theirs.
/// Files are read once per object.
class FileHashes {
 public:
  /// A file that cannot be read has a hash of its own: who needs it will say what is wrong.
  [[nodiscard]] const std::string& of(const std::filesystem::path& file);

 private:
  std::map<std::string, std::string> hashes_;
};

}  // namespace lnsim
