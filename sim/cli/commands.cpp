// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"

#include <array>

namespace lnsim::cli {
namespace {

constexpr std::array kCommands = {
    Command{"numerics", "evaluate the arithmetic alone, from a file of requests", run_numerics},
    Command{"validate", "check files against their rules, without running", run_validate},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace lnsim::cli
