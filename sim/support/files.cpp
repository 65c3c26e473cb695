// SPDX-License-Identifier: Apache-2.0
#include "sim/support/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "sim/support/descriptor.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_write_error(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), "writing " + path.string());
}

void write_all(const Descriptor& file, const fs::path& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_write_error(path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Creates `path` with `text` on disk; `shown` is the name for messages.
void create_file(const fs::path& path, const fs::path& shown, std::string_view text, mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) {
    throw InputError(shown.string(), "", std::generic_category().message(errno), "a file that can be written");
  }
  write_all(file, shown, text);
  if (::fsync(file.get()) != 0 && errno != EINVAL) throw_write_error(shown);  // EINVAL: nothing to flush here
}

/// The file that a chain of links leads to, existing or not.
fs::path follow_links(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? path : real;
}

void require_replaceable(const fs::path& target, const std::vector<std::string>& replaceable) {
  for (const fs::directory_entry& entry : fs::directory_iterator(target)) {
    const std::string name = entry.path().filename().string();
    if (std::find(replaceable.begin(), replaceable.end(), name) == replaceable.end() || entry.is_directory()) {
      throw InputError(target.string(), "", "a folder that holds \"" + name + "\"",
                       "a new or empty folder, or one that holds only earlier results");
    }
  }
}

constexpr mode_t kFileMode = 0666;  // less the umask

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  const fs::path target = follow_links(path);
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) throw InputError(path.string(), "", "a directory", "a file that can be written");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) {
      throw InputError(path.string(), "", std::generic_category().message(errno), "a file that can be written");
    }
    return write_all(file, path, text);
  }
  TemporaryPath temporary(target);
  create_file(temporary.path(), path, text, kFileMode);
  if (fs::exists(status)) fs::permissions(temporary.path(), status.permissions(), ignored);
  temporary.rename_to(target);
}

AtomicDirectory::AtomicDirectory(const fs::path& target, const std::vector<std::string>& replaceable) {
  try {
    target_ = follow_links(fs::absolute(target));
    if (!target_.has_filename()) target_ = target_.parent_path();  // "out/"
    if (fs::is_directory(target_)) {
      require_replaceable(target_, replaceable);
    } else if (fs::exists(target_)) {
      throw InputError(target.string(), "", "not a directory", "a folder for the results");
    }
    if (target_.has_parent_path()) fs::create_directories(target_.parent_path());
    temporary_ = std::make_unique<TemporaryPath>(target_);
    fs::create_directory(temporary_->path());
  } catch (const fs::filesystem_error& error) {
    throw InputError(target.string(), "", error.code().message(), "a folder that can be created");
  }
}

void AtomicDirectory::write(const std::string& name, std::string_view text) {
  create_file(path() / name, target_ / name, text, kFileMode);
}

void AtomicDirectory::commit() { temporary_->rename_to(target_); }

}  // namespace lnsim
