// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lnsim::cli {

/// Text of `lnsim --help`.
[[nodiscard]] std::string program_help();

/// The version alone, as reports carry it.
[[nodiscard]] std::string version();

/// Text of `lnsim --version`.
[[nodiscard]] std::string version_line();

}  // namespace lnsim::cli
