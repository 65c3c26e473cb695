// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/fast/machine.hpp"
#include "sim/trace/trace.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

/// What both engines say of a case.
struct EqualityResult {
  std::optional<std::string>
      failure;                 ///< "<kind>: <text>"; kinds: difference, jumps, known steps; clocked, fast, both (threw)
  TraceEntry entry;            ///< the clocked engine's
  fast::SkippedTiles skipped;  ///< output tiles: in jumps, and in known steps where it does not jump
};

/// Runs both engines on the case, and the one without a clock with and without jumps. Throws InputError where the case
/// is not legal.
[[nodiscard]] EqualityResult check_equality(const PassCase& made);

}  // namespace lnsim::test
