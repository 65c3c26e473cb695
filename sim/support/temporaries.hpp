// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace lnsim {

/// A file or directory that exists until it is renamed to its final place. Named after `target`, in the same folder, so
/// that the rename stays within one file system; removed by the destructor or by remove_temporaries() otherwise.
class TemporaryPath {
 public:
  explicit TemporaryPath(const std::filesystem::path& target);
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  ~TemporaryPath();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Renames to `target`, replacing a file or a directory there (exchanged in one step where the file system can).
  /// Throws std::filesystem::filesystem_error.
  void rename_to(const std::filesystem::path& target);

 private:
  std::filesystem::path path_;
};

/// Removes every temporary that still exists. For the thread that handles an interrupt, right before the process exits:
/// holds the lock for good, so that no rename happens afterwards.
void remove_temporaries() noexcept;

/// Forgets all temporaries without removing them: for a child process, whose parent owns them.
void disown_temporaries() noexcept;

}  // namespace lnsim
