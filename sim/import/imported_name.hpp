// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lnsim {

/// A name from a file of another tool, as names of layers and JSON can have it: bytes that are not UTF-8 are written as
/// \xNN.
[[nodiscard]] std::string imported_name(std::string_view name);

}  // namespace lnsim
