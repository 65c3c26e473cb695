// SPDX-License-Identifier: Apache-2.0
#include "sim/support/temporaries.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <string>
#include <system_error>

namespace lnsim {
namespace {

struct Registry {
  std::mutex mutex;
  std::set<std::filesystem::path> paths;
  unsigned long next = 0;
};

/// Never destroyed: an interrupt may arrive while static objects are being torn down.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

void remove_quietly(const std::filesystem::path& path) noexcept {
  std::error_code ignored;
  // A writer may still be adding files while an interrupt removes its folder.
  constexpr int kAttempts = 5;
  for (int i = 0; i < kAttempts; ++i) {
    std::filesystem::remove_all(path, ignored);
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return;
  }
}

/// Puts `from` in the place of the directory `to` and removes what was there. Returns false if nothing was there.
bool replace_directory(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(to, ignored)) return false;
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) {
    // Not every file system exchanges; then there is a moment without the folder, never one with half of it.
    std::filesystem::path old = from;
    old += ".old";
    std::filesystem::rename(to, old);
    std::filesystem::rename(from, to);
    std::filesystem::rename(old, from);
  }
  remove_quietly(from);
  return true;
}

}  // namespace

TemporaryPath::TemporaryPath(const std::filesystem::path& target) {
  const std::lock_guard lock(registry().mutex);
  path_ = target;
  path_.replace_filename("." + target.filename().string() + ".tmp-" + std::to_string(::getpid()) + "-" +
                         std::to_string(registry().next++));
  registry().paths.insert(path_);
}

TemporaryPath::~TemporaryPath() {
  const std::lock_guard lock(registry().mutex);
  if (registry().paths.erase(path_) > 0) remove_quietly(path_);
}

void TemporaryPath::rename_to(const std::filesystem::path& target) {
  const std::lock_guard lock(registry().mutex);
  if (!replace_directory(path_, target)) std::filesystem::rename(path_, target);
  registry().paths.erase(path_);
}

void remove_temporaries() noexcept {
  registry().mutex.lock();  // never unlocked: the process is about to exit
  for (const std::filesystem::path& path : registry().paths) remove_quietly(path);
}

void disown_temporaries() noexcept {
  const std::lock_guard lock(registry().mutex);
  registry().paths.clear();
}

}  // namespace lnsim
