// SPDX-License-Identifier: Apache-2.0
#include "sim/support/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "sim/support/descriptor.hpp"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace lnsim {
namespace {

/// A file in memory, which takes any amount of output while nobody reads.
Descriptor memory_file(const char* name) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (file.get() < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  return file;
}

std::string content(const Descriptor& file) {
  std::string text;
  std::array<char, 4096> block{};
  ::lseek(file.get(), 0, SEEK_SET);
  for (ssize_t count = 0; (count = ::read(file.get(), block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& words) {
  const Descriptor out = memory_file("stdout");
  const Descriptor err = memory_file("stderr");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.get(), STDERR_FILENO);
  // This program blocks signals that it waits for, and ignores SIGPIPE: not so the other one.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, pipe;
  sigemptyset(&none);
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &pipe);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> copy = words;
  std::vector<char*> arguments;
  for (std::string& word : copy) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int error = ::posix_spawnp(&process, arguments.front(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), words.front());

  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalExit = 128;
  ProcessResult result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalExit + WTERMSIG(status);
  result.out = content(out);
  result.err = content(err);
  return result;
}

}  // namespace lnsim
