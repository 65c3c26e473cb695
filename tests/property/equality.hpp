// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/trace/trace.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

/// What both engines say of a case.
struct EqualityResult {
  std::optional<std::string> failure;  ///< "<kind>: <text>"; kinds: difference, jumps; clocked, fast, both (threw)
  TraceEntry entry;                    ///< the clocked engine's
  std::uint64_t jumped_tiles = 0;      ///< output tiles that the engine without a clock jumped over
};

/// Runs both engines on the case, and the one without a clock with and without jumps. Throws InputError where the case
/// is not legal.
[[nodiscard]] EqualityResult check_equality(const PassCase& made);

}  // namespace lnsim::test
