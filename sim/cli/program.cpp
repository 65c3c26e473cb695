// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/program.hpp"

#include <csignal>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "sim/cli/commands.hpp"
#include "sim/cli/console.hpp"
#include "sim/cli/help.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/option_pages.hpp"
#include "sim/cli/options.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

const Command& find_command(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw InputError("", "", "unknown subcommand " + brief_json(Json(name)), suggestion(name, names));
}

/// The help of every subcommand, in one of the forms that Options has.
void run_all(const char* form, Context& context) {
  for (const Command& command : commands()) (void)command.run({form}, context);
}

int dispatch(std::vector<std::string> arguments, Context& context) {
  if (arguments.empty()) {
    context.console.err(program_help());
    return kBadInput;
  }
  const std::string first = arguments.front();
  arguments.erase(arguments.begin());
  if (first == "--version") {
    context.console.out(version_text());
    return kDone;
  }
  if (first == "--help" || first == "-h" || (first == "help" && arguments.empty())) {
    context.console.out(program_help());
    return kDone;
  }
  if (first == "help" && arguments.front() == "--man") {
    context.console.out(man_page_head());
    run_all(Options::kRoff, context);
    context.console.out(man_page_end());
    return kDone;
  }
  if (first == "help" && arguments.front() == "--bash-completion") {
    context.console.out(completion_head());
    run_all(Options::kBash, context);
    context.console.out(completion_end());
    return kDone;
  }
  if (first == "help") return find_command(arguments.front()).run({"--help"}, context);
  return find_command(first).run(arguments, context);
}

/// Runs and flushes: a result that cannot be written is a failure, not a success.
int run_and_flush(std::vector<std::string> arguments, Context& context) {
  const int code = dispatch(std::move(arguments), context);
  context.console.flush();
  return code;
}

}  // namespace

int run_program(std::vector<std::string> arguments, std::string source_data_dir) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write that meets it
  handle_interrupts();
  // Left to the end of the process, within reach of leak checkers: volatile keeps the pointer where nothing reads it.
  [[maybe_unused]] static Context* volatile left = nullptr;
  Context& context = *new Context{Console(), std::move(source_data_dir)};
  left = &context;
  Console& console = context.console;
  try {
    return run_and_flush(std::move(arguments), context);
  } catch (const OutputClosed&) {
    return kDone;  // the reader (`| head`) has all that it wants
  } catch (const InputError& error) {
    console.err_lines(error.what());
    return kBadInput;
  } catch (const OverflowError& error) {
    console.err_lines(std::string("a size in the input is too large: ") + error.what());
    return kBadInput;
  } catch (const std::bad_alloc&) {
    console.err_lines("out of memory");
  } catch (const std::exception& error) {
    console.err_lines(error.what());
  }
  return kFailed;
}

}  // namespace lnsim::cli
