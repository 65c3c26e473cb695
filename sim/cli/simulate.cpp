// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"

namespace lnsim::cli {

int run_simulate(const std::vector<std::string>& arguments, Context& context) {
  Options options("simulate [options]",
                  "Simulates one training iteration of a network on an accelerator under one scheme, and prices it:\n"
                  "cycles, energy and carbon, in all and for every layer and pass.");
  CommonOptions common;
  options.group("What is simulated");
  add_workload_option(options, common);
  add_scheme_option(options, common);
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
  Experiment experiment = load_experiment(common, {common.scheme}, files);
  const report::Pricing pricing = report::load_pricing(common.prices, files, experiment.network.family);
  set_clock(experiment, pricing.technology);
  set_search(experiment, common, pricing.technology);
  ResultFolder folder(common.out);
  std::vector<Trace> traces = run_with_progress(experiment, common, context.console);
  const report::PricedTrace priced = report::price_trace(std::move(traces.front()), pricing);
  write_results(priced, pricing, folder);
  print_results(priced, pricing, common.format, context.console);
  return kDone;
}

}  // namespace lnsim::cli
