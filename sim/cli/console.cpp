// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/console.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

constexpr std::size_t kFlushAt = std::size_t{1} << 16;

/// Writes all of `text`; returns 0 or the error number.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace

void Console::out(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kFlushAt) flush();
}

void Console::flush() {
  std::string text;
  text.swap(pending_);  // a second attempt after a failure would only fail again
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw OutputClosed();
  if (error != 0) throw std::system_error(error, std::generic_category(), "writing to stdout");
}

void Console::err(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

void Console::err_lines(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const std::size_t end = message.find('\n');
    text += "lnsim: " + escape_terminal(message.substr(0, end)) + "\n";
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
  }
  err(text);
}

bool Console::err_is_terminal() const { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace lnsim::cli
