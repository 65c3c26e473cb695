// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/file_kinds.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/program.hpp"
#include "sim/numerics/requests/evaluate.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"

namespace lnsim::cli {
namespace {

constexpr std::string_view kSchema = "lnsim.numerics/1";

Document read_requests(const std::string& file) {
  Document document = read_json_file(file);
  const FileKind& kind = kind_of(document);
  if (kind.schema != kSchema) {
    throw InputError(file, "/schema", brief_json(document.root["schema"]), "\"" + std::string(kSchema) + "\"");
  }
  kind.check(document, ShippedFiles({}));
  return document;
}

}  // namespace

int run_numerics(const std::vector<std::string>& arguments, Context& context) {
  Options options("numerics --in FILE [--out FILE]",
                  "Evaluates requests for the arithmetic alone: quantize, decode, dot, madam, vrr, min_m_acc. An "
                  "invalid request is\n"
                  "answered by an error in its place, the others are still answered, and the exit code is 1.");
  std::string in;
  std::string out;
  options.text("in", in, "FILE", "the requests");
  options.text("out", out, "FILE", "the results; without it they are printed");
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (in.empty()) throw InputError("--in", "", "", "a file of requests");
  const Document document = read_requests(in);
  bool any_error = false;
  const std::string text = dump_json(numerics::evaluate_numerics(nlohmann::json(document.root), any_error));
  if (out.empty()) {
    context.console.out(text);
  } else {
    write_file_atomically(out, text);
  }
  return any_error ? kFailed : kDone;
}

}  // namespace lnsim::cli
