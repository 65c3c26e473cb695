// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lnsim::cli {

/// Exit codes of the program. An interrupt exits with 128 + the signal's number, 130 for Ctrl-C.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;         ///< the simulation, a check or the output failed
inline constexpr int kBadInput = 2;       ///< nothing was run
inline constexpr int kInterrupted = 130;  ///< stopped on request; what is finished is kept

/// The whole program: finds the subcommand in `arguments` (without the program's own name), runs it, prints errors and
/// returns the exit code. `source_data_dir` is the source tree for shipped files, or "".
[[nodiscard]] int run_program(std::vector<std::string> arguments, std::string source_data_dir);

}  // namespace lnsim::cli
