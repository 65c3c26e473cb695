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

void print_comparison(const report::Comparison& comparison, const report::Pricing& pricing, const std::string& format,
                      Console& console) {
  if (format == "json") {
    console.out(dump_json(report::write_comparison(comparison, pricing)));
  } else if (format == "csv") {
    console.out(report::comparison_csv(comparison.priced));
  } else {
    console.out(escape_lines(report::comparison_table(comparison, pricing)));
  }
}

std::vector<report::PricedTrace> price_all(std::vector<Trace> traces, const report::Pricing& pricing) {
  std::vector<report::PricedTrace> priced;
  for (Trace& trace : traces) priced.push_back(report::price_trace(std::move(trace), pricing));
  return priced;
}

/// The lanes of every scheme's PE that spends what the first one's does, and no more.
report::IsoComparison scale_to_first(energy::IsoBudget budget, const Experiment& experiment,
                                     const energy::Technology& technology) {
  const auto clock_hz = static_cast<double>(experiment.clock_hz);
  report::IsoComparison iso{budget, {}};
  for (const Scheme& scheme : experiment.schemes) {
    const energy::Optimizers optimizers = energy::optimizers_of(scheme, experiment.network.family);
    if (iso.schemes.empty()) {
      const energy::Machine machine(experiment.accelerator, scheme, technology, optimizers.weights,
                                    optimizers.parameters);
      iso.schemes.push_back({experiment.accelerator.pe.lanes, energy::pe_spends(budget, machine, clock_hz)});
    } else {
      iso.schemes.push_back(
          energy::iso_lanes(budget, iso.limit(), experiment.accelerator, scheme, technology, clock_hz, optimizers));
    }
  }
  return iso;
}

/// One experiment per scheme, each on its own machine.
std::vector<report::PricedTrace> run_each(const report::IsoComparison& iso, const Experiment& experiment,
                                          const CommonOptions& common, const report::Pricing& pricing,
                                          Console& console) {
  std::vector<report::PricedTrace> priced;
  for (std::size_t i = 0; i < experiment.schemes.size(); ++i) {
    Experiment one = experiment;
    one.schemes = {experiment.schemes[i]};
    one.accelerator.pe.lanes = iso.schemes[i].lanes;
    set_search(one, common, pricing.technology);
    for (report::PricedTrace& trace : price_all(run_with_progress(one, common, console).traces, pricing)) {
      priced.push_back(std::move(trace));
    }
  }
  return priced;
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
  std::string iso = "none";
  options.choice("iso", iso, {"none", "area", "power", "bandwidth"},
                 "scales the lanes of every other scheme's PE to the area of the first one's, to its power with "
                 "every lane issuing, or to the operand bits that its lanes take per cycle");
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
  const report::Pricing pricing = report::load_pricing(common.prices, files, experiment.network.family);
  set_clock(experiment, pricing.technology);
  set_search(experiment, common, pricing.technology);
  ResultFolder folder(common.out);
  std::optional<report::IsoComparison> equal;
  std::vector<report::PricedTrace> priced;
  if (const auto budget = energy::find_iso_budget(iso)) {
    equal = scale_to_first(*budget, experiment, pricing.technology);
    priced = run_each(*equal, experiment, common, pricing, context.console);
  } else {
    priced = price_all(run_with_progress(experiment, common, context.console).traces, pricing);
  }
  const report::Comparison comparison = report::make_comparison(std::move(priced), pricing, equal);
  if (folder.wanted()) {
    const Json json = report::write_comparison(comparison, pricing);
    folder.write("comparison.json", dump_json(json));
    folder.write("comparison.csv", report::comparison_csv(comparison.priced));
    folder.write("report.html", report::html_page({"comparison.json", json}, pricing.grids));
    folder.commit();
  }
  print_comparison(comparison, pricing, common.format, context.console);
  return kDone;
}

}  // namespace lnsim::cli
