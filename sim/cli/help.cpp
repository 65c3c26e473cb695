// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/help.hpp"

#include <algorithm>

#include "sim/cli/commands.hpp"
#include "sim/numerics/simd_targets.hpp"

namespace lnsim::cli {

std::string program_help() {
  std::size_t width = 0;
  for (const Command& command : commands()) width = std::max(width, command.name.size());
  std::string text =
      "Usage: lnsim SUBCOMMAND [options]\n"
      "Simulates the training of neural networks on an accelerator, cycle by cycle, in the logarithmic number system\n"
      "and others.\n\nSubcommands:\n";
  for (const Command& command : commands()) {
    text += "  " + std::string(command.name) + std::string(width + 2 - command.name.size(), ' ');
    text += std::string(command.summary) + "\n";
  }
  text +=
      "\nTo begin with:\n"
      "  lnsim compare --workload lenet                          number formats side by side\n"
      "  lnsim simulate --workload resnet50 --out reports        one in detail; then open reports/report.html\n"
      "  lnsim sweep buffers_lanes --out designs                 a design space\n"
      "\n`lnsim SUBCOMMAND --help` explains one of them; `lnsim --version` prints the version.\n"
      "Exit codes: 0 done, 1 the simulation, a check or the output failed, 2 bad input, 130 interrupted.\n";
  return text;
}

std::string version() { return LNSIM_VERSION; }

std::string version_text() {
  std::string targets;
  for (const std::string& target : numerics::supported_simd_targets())
    targets += (targets.empty() ? "" : ", ") + target;
  return "lnsim " + version() +
         "\nbuild: " LNSIM_BUILD "\nlibraries: " LNSIM_LIBRARIES "\ninstruction sets: " + targets + "\n";
}

}  // namespace lnsim::cli
