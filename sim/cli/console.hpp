// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace lnsim::cli {

/// The reader of stdout is gone: stop quietly.
class OutputClosed : public std::runtime_error {
 public:
  OutputClosed() : runtime_error("stdout is closed") {}
};

/// stdout for results and stderr for messages, written by the system's own calls: every failed write is noticed, and no
/// locale takes part.
class Console {
 public:
  /// Adds to stdout; written when enough has gathered. Throws OutputClosed for a closed pipe, std::system_error for any
  /// other failure (a full disk).
  void out(std::string_view text);
  /// Writes what has gathered. The program calls it before it reports success.
  void flush();

  /// Writes to stderr as it is (text of the program's own). Failures are ignored: there is nowhere to report them.
  void err(std::string_view text);
  /// Writes an error message, each line as "lnsim: line", with everything escaped that could act on a terminal.
  void err_lines(std::string_view message);

  [[nodiscard]] bool err_is_terminal() const;

 private:
  std::string pending_;
};

}  // namespace lnsim::cli
