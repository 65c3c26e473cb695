// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/report/comparison.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/html/page.hpp"

namespace lnsim::cli {
namespace {

const std::vector<std::string> kSchemes = {"lns8", "fp8", "int8", "fp16", "bf16", "fp32"};

void print_comparison(const std::vector<report::PricedTrace>& priced, const report::Pricing& pricing,
                      const std::string& format, Console& console) {
  if (format == "json") {
    console.out(dump_json(report::write_comparison(priced, pricing)));
  } else if (format == "csv") {
    console.out(report::comparison_csv(priced));
  } else {
    console.out(escape_lines(report::comparison_table(priced, pricing)));
  }
}

}  // namespace

int run_compare(const std::vector<std::string>& arguments, Context& context) {
  Options options(
      "compare [options]",
      "Simulates and prices the same training iteration under several schemes, side by side. Ratios are to\n"
      "the first scheme.");
  CommonOptions common;
  std::vector<std::string> schemes = kSchemes;
  options.group("What is compared");
  add_workload_option(options, common);
  options.list("scheme", schemes, "LIST", {}, "schemes: names or files, or all for every shipped one");
  add_machine_options(options, common);
  add_training_options(options, common);
  options.group("Prices");
  add_pricing_options(options, common);
  options.group("Running and results");
  add_jobs_option(options, common);
  add_output_options(options, common);
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  const ShippedFiles files = shipped_files(common, context);
  if (schemes == std::vector<std::string>{"all"}) schemes = files.names("schemes");
  Experiment experiment = load_experiment(common, schemes, files);
  const report::Pricing pricing = load_pricing(common, files, experiment.network.family);
  set_clock(experiment, pricing.technology);
  set_search(experiment, common, pricing.technology);
  ResultFolder folder(common.out);
  std::vector<report::PricedTrace> priced;
  for (Trace& trace : run_with_progress(experiment, common, context.console)) {
    priced.push_back(report::price_trace(std::move(trace), pricing));
  }
  if (folder.wanted()) {
    const Json comparison = report::write_comparison(priced, pricing);
    folder.write("comparison.json", dump_json(comparison));
    folder.write("comparison.csv", report::comparison_csv(priced));
    folder.write("report.html", report::html_page({"comparison.json", comparison}, pricing.grids));
    folder.commit();
  }
  print_comparison(priced, pricing, common.format, context.console);
  return kDone;
}

}  // namespace lnsim::cli
