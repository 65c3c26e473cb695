// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/program.hpp"
#include "sim/report/html/page.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"

namespace lnsim::cli {

int run_report(const std::vector<std::string>& arguments, Context& context) {
  Options options("report FILE [options]",
                  "Makes the HTML page of a stored report.json, comparison.json or sweep.json: one file with charts "
                  "and tables that\n"
                  "needs no network. simulate, compare and energy write the same page with --out.");
  CommonOptions common;
  std::vector<std::string> files;
  std::string out;
  options.operands(files);
  options.text("out", out, "FILE", "where the page goes (default: stdout)");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (files.size() != 1) {
    throw InputError("", "", std::to_string(files.size()) + " files",
                     "one report.json, comparison.json, training.json, accumulation.json or sweep.json");
  }
  const std::string page = report::html_page(read_json_file(files.front()), load_grids(shipped_files(common, context)));
  if (out.empty()) {
    context.console.out(page);
  } else {
    write_file_atomically(out, page);
  }
  return kDone;
}

}  // namespace lnsim::cli
