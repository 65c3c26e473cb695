// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>

#include "sim/cli/help.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/results.hpp"
#include "sim/cli/sweep_command.hpp"
#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/search_run.hpp"
#include "sim/sweep/store_output.hpp"
#include "sim/sweep/sweep_run.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uint64_t kMostShown = 1U << 20U;
constexpr std::uint64_t kMostDesigns = std::uint64_t{1} << 40U;
constexpr std::uint64_t kMostShards = 1U << 20U;

void add_options(Options& options, SweepOptions& given, std::vector<std::string>& specs) {
  options.operands(specs);
  options.group("Running");
  options.text("store", given.store, "FILE", "SQLite file of the results (default: <name of the sweep>.sqlite)");
  add_jobs_option(options, given.common);
  options.flag("again", given.again, "evaluate designs that failed before once more");
  options.group("On a cluster");
  options.choice("executor", given.executor, {"local", "slurm"},
                 "where: here, or as an array job that is submitted, followed and merged");
  options.text("emit-slurm", given.emit, "DIR", "no run: a folder with scripts for Slurm, LSF, Grid Engine and PBS");
  options.count("split", given.split, 0, kMostShards, "shards of a cluster job; 0 is one per 50 designs, 200 at most");
  options.count("poll", given.poll, 1, 3600, "seconds between two looks at the queue");
  options.text("shard", given.shard, "I/N", "evaluate one of N shares of the designs, into a shard file");
  options.text("shards", given.shards, "DIR", "folder of shard files and cluster jobs (default: <name>.shards)");
  options.text("merge", given.merge, "DIR", "no run: put the shard files of a folder into the store");
  options.flag("partial", given.partial, "merge although designs are missing");
  options.group("Results");
  options.list("pareto", given.pareto, "LIST", {},
               "two or three metrics or axes whose front is shown (default: a search's objectives, else "
               "seconds,energy_j)");
  options.text("top", given.top, "METRIC", "the best designs in a metric");
  options.count("count", given.count, 1, kMostShown, "designs that are shown at most of the front and of --top");
  options.text("query", given.query, "SQL",
               "no run: a SELECT over `designs` (number, status, error, a column per axis and metric), read-only");
  options.count("design", given.design, 0, kMostDesigns,
                "no sweep: the whole report of the design of that number, as simulate gives it");
  add_output_options(options, given.common);
  add_data_dir_option(options, given.common);
}

/// Options that each say what to do, of which there may be one.
void check_options(const SweepOptions& given) {
  if (given.pareto.size() > 3) {
    throw InputError("--pareto", "", std::to_string(given.pareto.size()) + " names", "one to three metrics or axes");
  }
  std::string first;
  for (const auto& [name, is_given] : {std::pair("--query", !given.query.empty()),
                                       {"--design", given.design.has_value()},
                                       {"--shard", !given.shard.empty()},
                                       {"--merge", !given.merge.empty()},
                                       {"--emit-slurm", !given.emit.empty()},
                                       {"--executor slurm", given.executor == "slurm"}}) {
    if (!is_given) continue;
    if (!first.empty()) throw InputError(name, "", "beside " + first, "one of the two");
    first = name;
  }
  if (given.partial && given.merge.empty()) throw InputError("--partial", "", "without --merge", "--merge DIR");
}

/// The sweep of the file that was named or, without one, of the cluster job in `folder`.
SweepInputs read_inputs(const std::vector<std::string>& specs, const std::string& folder, const ShippedFiles& files) {
  SweepInputs sweep;
  std::optional<ClusterSweep> job;
  if (!folder.empty()) job = read_cluster_folder(folder, version());
  if (specs.size() > 1 || (specs.empty() && !job)) {
    throw InputError("sweep", "", std::to_string(specs.size()) + " files",
                     folder.empty() ? "one sweep file" : "one sweep file: " + folder + " has no manifest.json");
  }
  if (job) sweep.manifest = job->manifest;
  sweep.document = specs.empty() ? job->document : read_json_file(files.find("sweeps", specs.front(), "sweep"));
  sweep.spec = read_sweep(sweep.document, metric_names());
  sweep.id = sweep_id(sweep.document, version());
  if (job && sweep.id != job->manifest.sweep) {
    throw InputError(sweep.document.file, "", "another sweep than the one in " + folder, "the same, or another folder");
  }
  return sweep;
}

/// A file or folder of the sweep's name, where none is given.
std::string named_after(const SweepInputs& sweep, const std::string& given, const char* ending, const char* option) {
  if (!given.empty()) return given;
  if (sweep.spec.name.find('/') != std::string::npos) {
    throw InputError(sweep.document.file, "/name", sweep.spec.name, std::string("a name without /, or ") + option);
  }
  return sweep.spec.name + ending;
}

/// Whether the sweep was stopped before its end.
bool run_here(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console) {
  std::atomic<bool> interrupted{false};
  const SoftInterrupt soft(interrupted);
  SweepRunOptions options;
  options.jobs = given.common.jobs;
  options.again = given.again;
  options.version = version();
  options.stop = &interrupted;
  Progress progress(console, given.common.quiet, given.common.progress == "lines");
  const auto show = [&](const SweepProgress& now) {
    progress.update(sweep_progress(sweep.spec.name, now), sweep_fraction(now), 0);
  };
  if (sweep.spec.search) {
    const SweepProgress end = run_search(sweep.spec, sweep.document, files, options, given.store, show);
    return interrupted && end.done < end.size;
  }
  const std::string inputs = DesignEvaluator(sweep.spec, sweep.document.file, files, version()).inputs_hash();
  StoreOutput output(given.store, sweep.id, sweep.spec, inputs);
  const SweepProgress end = run_sweep(sweep.spec, sweep.document, files, options, output, show);
  return end.done < end.size;
}

void show_design(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console) {
  if (*given.design >= sweep.spec.size()) {
    throw InputError("--design", "", std::to_string(*given.design), "0.." + std::to_string(sweep.spec.size() - 1));
  }
  ResultFolder folder(given.common.out);
  DesignEvaluator evaluator(sweep.spec, sweep.document.file, files, version());
  const auto priced = evaluator.price(evaluator.design(*given.design));
  write_results(priced.trace, priced.pricing, folder);
  print_results(priced.trace, priced.pricing, given.common.format, console);
}

int run_on_slurm_and_merge(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given,
                           Console& console) {
  if (!run_sweep_on_slurm(sweep, files, given, console)) return kInterrupted;
  const MergeOutcome outcome = merge_sweep(given.shards, sweep, files, given, console);
  if (outcome.complete) show_sweep_results(sweep, given, console);
  return outcome.complete && outcome.sound ? kDone : kFailed;
}

}  // namespace

int run_sweep_command(const std::vector<std::string>& arguments, Context& context) {
  Options options("sweep [options] SPEC.json",
                  "Evaluates every design of a sweep file: axes over any field of accelerator, scheme, workload and\n"
                  "prices, under constraints. What is evaluated is kept in a store: a sweep that was stopped, killed,\n"
                  "extended or repeated computes only what is missing. On a cluster shards take a share each.");
  SweepOptions given;
  std::vector<std::string> specs;
  add_options(options, given, specs);
  Console& console = context.console;
  if (!options.parse(arguments)) {
    console.out(options.help());
    return kDone;
  }
  check_options(given);
  const ShippedFiles files = shipped_files(given.common, context);
  const SweepInputs sweep = read_inputs(specs, given.merge.empty() ? given.shards : given.merge, files);
  if (given.pareto.empty()) {
    given.pareto = sweep.spec.search ? sweep.spec.search->objectives : std::vector<std::string>{"seconds", "energy_j"};
  }
  if (given.design) {
    show_design(sweep, files, given, console);
    return kDone;
  }
  const bool shares = !given.shard.empty() || !given.merge.empty() || !given.emit.empty() || given.executor == "slurm";
  if (sweep.spec.search && shares) {
    throw InputError(sweep.document.file, "/search", "in shares", "a grid or random designs: a search cannot be cut");
  }
  if (!given.emit.empty()) {
    emit_sweep(sweep, files, given, console);
    return kDone;
  }
  if (!given.shard.empty() || given.executor == "slurm") {
    given.shards = named_after(sweep, given.shards, ".shards", "--shards DIR");
  }
  if (!given.shard.empty()) return run_sweep_shard(sweep, files, given, console);
  given.store = named_after(sweep, given.store, ".sqlite", "--store FILE");
  if (!given.query.empty()) {
    print_sweep_query(sweep, given, console);
    return kDone;
  }
  { const ResultFolder writable(given.common.out); }  // or it is refused, before anything runs
  if (given.executor == "slurm") return run_on_slurm_and_merge(sweep, files, given, console);
  if (!given.merge.empty()) {
    const MergeOutcome outcome = merge_sweep(given.merge, sweep, files, given, console);
    if (outcome.complete) show_sweep_results(sweep, given, console);
    return outcome.complete && outcome.sound ? kDone : kFailed;
  }
  const bool stopped = run_here(sweep, files, given, console);
  show_sweep_results(sweep, given, console);
  if (!stopped) return kDone;
  console.err("lnsim: stopped; the same command goes on with what is missing\n");
  return kInterrupted;
}

}  // namespace lnsim::cli
