// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/support/temporaries.hpp"

namespace lnsim {

/// Writes a whole file: a reader sees the old text or the new one, never a part (temporary file in the same folder,
/// flushed to disk, renamed). Links are followed; a pipe or device is written to directly. Throws InputError if the
/// file cannot be created, std::system_error if writing fails (a full disk).
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// A result folder that appears, or replaces its predecessor, in one step when commit() is called. Until then the files
/// are in a temporary folder beside it, which the destructor and an interrupt remove.
class AtomicDirectory {
 public:
  /// Missing parents are created. An existing folder is only replaced if all that it holds are files named in
  /// `replaceable`: a mistyped --out must not remove a user's files. Throws InputError for such a folder, for a target
  /// that is not a folder, and where nothing can be created.
  AtomicDirectory(const std::filesystem::path& target, const std::vector<std::string>& replaceable);

  /// The temporary folder, for writers that need a path.
  [[nodiscard]] const std::filesystem::path& path() const { return temporary_->path(); }
  /// Writes a file into the folder. Throws std::system_error if writing fails.
  void write(const std::string& name, std::string_view text);
  /// Moves the folder to its place. Throws std::filesystem::filesystem_error.
  void commit();

 private:
  std::filesystem::path target_;
  std::unique_ptr<TemporaryPath> temporary_;
};

}  // namespace lnsim
