// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tests/support/choices.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

/// A random layer pass on a random machine under a mapping that is legal: sizes are halved until a run is short, the
/// buffers doubled until a mapping fits. nullopt where that does not help.
[[nodiscard]] std::optional<PassCase> random_pass_case(Choices& choices);

}  // namespace lnsim::test
