// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/file_kinds.hpp"
#include "sim/cli/program.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {

int run_validate(const std::vector<std::string>& arguments, Context& context) {
  Options options("validate [options] FILE...",
                  "Checks JSON files against the rules of their kind, which their \"schema\" names, without running\n"
                  "anything. Prints a line for each sound file on stdout and every problem on stderr.");
  CommonOptions common;
  std::vector<std::string> files;
  add_data_dir_option(options, common);
  options.operands(files);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (files.empty()) throw InputError("", "", "no files", "at least one");
  const ShippedFiles shipped = shipped_files(common, context);
  int code = kDone;
  for (const std::string& file : files) {
    try {
      const Document document = read_json_file(file);
      const FileKind& kind = kind_of(document);
      kind.check(document, shipped);
      context.console.out(escape_terminal(file) + ": ok, " + std::string(kind.schema) + "\n");
    } catch (const InputError& error) {
      context.console.flush();  // keeps the two streams in the order of the files
      context.console.err_lines(error.what());
      code = kBadInput;
    } catch (const OverflowError& error) {
      context.console.flush();
      context.console.err_lines(file + ": a size is too large: " + error.what());
      code = kBadInput;
    }
  }
  return code;
}

}  // namespace lnsim::cli
