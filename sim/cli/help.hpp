// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lnsim::cli {

/// Text of `lnsim --help`.
[[nodiscard]] std::string program_help();

/// The version alone, as reports carry it.
[[nodiscard]] std::string version();

/// "lnsim 0.1.0", then how it was built, from what, and the instruction sets that kernels may use here.
[[nodiscard]] std::string version_text();

}  // namespace lnsim::cli
