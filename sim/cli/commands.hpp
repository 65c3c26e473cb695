// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/console.hpp"

namespace lnsim::cli {

/// What the program hands to a subcommand.
struct Context {
  Console console;
  std::string source_data_dir;  ///< the source tree for shipped files, or ""
  /// Large results of a command. They live as long as the context, which the program leaves to the end of its process:
  /// taking a trace apart, node by node, takes longer than pricing it.
  std::vector<std::shared_ptr<const void>> kept{};
};

/// One subcommand. `run` gets the words after its name and returns the exit code; errors are exceptions.
struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(const std::vector<std::string>& arguments, Context& context);
};

/// All subcommands, in the order of the help text.
[[nodiscard]] std::span<const Command> commands();

int run_simulate(const std::vector<std::string>& arguments, Context& context);
int run_study(const std::vector<std::string>& arguments, Context& context);
int run_compare(const std::vector<std::string>& arguments, Context& context);
int run_sweep_command(const std::vector<std::string>& arguments, Context& context);
int run_export(const std::vector<std::string>& arguments, Context& context);
int run_import(const std::vector<std::string>& arguments, Context& context);
int run_energy(const std::vector<std::string>& arguments, Context& context);
int run_report(const std::vector<std::string>& arguments, Context& context);
int run_train(const std::vector<std::string>& arguments, Context& context);
int run_accum(const std::vector<std::string>& arguments, Context& context);
int run_explain(const std::vector<std::string>& arguments, Context& context);
int run_numerics(const std::vector<std::string>& arguments, Context& context);
int run_validate(const std::vector<std::string>& arguments, Context& context);

}  // namespace lnsim::cli
