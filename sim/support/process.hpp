// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lnsim {

/// How another program ended.
struct ProcessResult {
  int code = 0;  ///< its exit code, or 128 + the signal that ended it
  std::string out, err;
};

/// Runs a program, found in PATH, with these words, without a shell and with nothing on its stdin, and waits for its
/// end. Throws std::system_error where it cannot be started (ENOENT: there is none of that name).
[[nodiscard]] ProcessResult run_process(const std::vector<std::string>& words);

}  // namespace lnsim
