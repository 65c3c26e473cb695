// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/sweep/observe.hpp"

namespace lnsim::cli {
namespace {

/// What is shown of the machine beside its numbers.
struct Views {
  std::string timeline, vcd;
  std::uint64_t events = 150000;
  std::string cycles = "0:";
  std::vector<std::string> modules;
  std::uint64_t mebibytes = 64;
};

void add_view_options(Options& options, Views& views) {
  options.text("timeline", views.timeline, "FILE",
               "tiles, drains, transfers and chunks over time, as Perfetto and chrome://tracing open it");
  options.count("timeline-events", views.events, 0, 100000000,
                "events of a timeline; passes with more than are left are shown as a whole");
  options.text("vcd", views.vcd, "FILE",
               "waveform of the clocked engine for GTKWave, of one pass: choose it by --layers and --passes");
  options.text("vcd-cycles", views.cycles, "FIRST:LAST", "cycles of the pass in the waveform; LAST may be missing");
  options.list("vcd-modules", views.modules, "LIST", {}, "modules in the waveform, as names or globs (default: all)");
  options.count("vcd-mib", views.mebibytes, 1, 4096, "the waveform ends before it is larger, in MiB");
}

systemc::WavesOptions waves_options(const Views& views) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  systemc::WavesOptions waves;
  const std::size_t colon = views.cycles.find(':');
  if (colon == std::string::npos) {
    throw InputError("--vcd-cycles", "", brief_json(Json(views.cycles)), "FIRST:LAST, as 1000:2000 or 1000:");
  }
  waves.first_cycle = parse_count("--vcd-cycles", views.cycles.substr(0, colon), 0, kMost);
  const std::string last = views.cycles.substr(colon + 1);
  if (!last.empty()) waves.last_cycle = parse_count("--vcd-cycles", last, waves.first_cycle, kMost);
  waves.modules = views.modules;
  waves.most_bytes = views.mebibytes << 20U;
  return waves;
}

void write_timeline(const ExperimentResult& result, const CommonOptions& common, const Views& views, Console& console) {
  const MadeTimeline made = make_timeline(result.traces.front(), result.plans, engine_of(common), views.events);
  write_file_atomically(views.timeline, made.text);
  std::string text = "timeline: " + views.timeline + ", " + std::to_string(made.detailed) + " of " +
                     std::to_string(made.passes) + " passes in detail";
  if (made.detailed < made.passes) text += "; --layers, --passes or --timeline-events show more";
  console.err(escape_lines(text + "\n"));
}

/// The one pass that has work, or a message that says how to choose it.
const PassPlan& only_pass(const std::vector<PassPlan>& plans) {
  const PassPlan* only = nullptr;
  std::size_t count = 0;
  for (const PassPlan& plan : plans) {
    if (plan.pass.gemms.empty() && plan.sweeps.empty()) continue;
    only = &plan;
    ++count;
  }
  if (count == 1) return *only;
  throw InputError("--vcd", "", std::to_string(count) + " passes", "one: --layers NAME --passes forward");
}

void write_vcd(const ExperimentResult& result, const Views& views, const systemc::WavesOptions& waves,
               Console& console) {
  const PassPlan& plan = only_pass(result.plans);
  const MadeWaveform made = make_waveform(plan, waves);
  write_file_atomically(views.vcd, made.text);
  std::string text = "waveform: " + views.vcd + ", " + plan.pass.layer + " " + std::string(pass_name(plan.pass.kind));
  if (made.truncated) text += ", cut at " + std::to_string(views.mebibytes) + " MiB (--vcd-mib, --vcd-cycles)";
  console.err(escape_lines(text + "\n"));
}

}  // namespace

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
  options.group("Looking into the machine");
  Views views;
  add_view_options(options, views);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  const systemc::WavesOptions waves = waves_options(views);
  const ShippedFiles files = shipped_files(common, context);
  Experiment experiment = load_experiment(common, {common.scheme}, files);
  const report::Pricing pricing = report::load_pricing(common.prices, files, experiment.network.family);
  set_clock(experiment, pricing.technology);
  set_search(experiment, common, pricing.technology);
  ResultFolder folder(common.out);
  ExperimentResult result = run_with_progress(experiment, common, context.console);
  if (!views.timeline.empty()) write_timeline(result, common, views, context.console);
  if (!views.vcd.empty()) write_vcd(result, views, waves, context.console);
  const report::PricedTrace priced = report::price_trace(std::move(result.traces.front()), pricing);
  write_results(priced, pricing, folder);
  print_results(priced, pricing, common.format, context.console);
  return kDone;
}

}  // namespace lnsim::cli
