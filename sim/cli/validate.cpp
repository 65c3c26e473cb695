// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/file_kinds.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/program.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

/// Checks one file and reports it; returns whether it is sound.
bool validate_file(const std::string& file, const ShippedFiles& shipped, Console& console) {
  try {
    const Document document = read_json_file(file);
    const FileKind& kind = kind_of(document);
    kind.check(document, shipped);
    console.out(escape_terminal(file) + ": ok, " + std::string(kind.schema) + "\n");
    return true;
  } catch (const InputError& error) {
    console.flush();  // keeps the two streams in the order of the files
    console.err_lines(error.what());
  } catch (const OverflowError& error) {
    console.flush();
    console.err_lines(InputError(file, "", error.what(), "sizes within 64 bits").what());
  }
  return false;
}

int print_schema(const std::string& name, Console& console) {
  const FileKind& kind = find_kind(name, "--schema");
  if (kind.json_schema == nullptr) throw InputError("--schema", "", name, "a kind of file that has a JSON Schema");
  console.out(dump_json(kind.json_schema()));
  return kDone;
}

}  // namespace

int run_validate(const std::vector<std::string>& arguments, Context& context) {
  Options options("validate [options] FILE...",
                  "Checks JSON files against the rules of their kind, which their \"schema\" names, without running\n"
                  "anything. Prints a line for each sound file on stdout and every problem on stderr.");
  std::vector<std::string> files;
  std::string schema;
  options.text("schema", schema, "KIND", "print the JSON Schema of a kind of file (such as lnsim.scheme/1) instead");
  options.operands(files);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (!schema.empty()) return print_schema(schema, context.console);
  if (files.empty()) throw InputError("", "", "no files", "at least one");
  const ShippedFiles shipped = shipped_files({}, context);
  int code = kDone;
  for (const std::string& file : files) {
    if (!validate_file(file, shipped, context.console)) code = kBadInput;
  }
  return code;
}

}  // namespace lnsim::cli
