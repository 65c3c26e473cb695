// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/inputs.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "sim/arch/dram_preset.hpp"
#include "sim/cli/help.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/report/footprint.hpp"
#include "sim/support/error.hpp"
#include "sim/sweep/experiment_accumulator.hpp"
#include "sim/sweep/experiment_search.hpp"

namespace lnsim::cli {
namespace {

void load_mapping(Experiment& experiment, const CommonOptions& common) {
  if (common.mapping == "heuristic" || common.mapping == "auto") return;
  const Document document = read_json_file(common.mapping);
  experiment.rules = read_mapping(document);
  experiment.mapping = document.root;
  experiment.mapping.erase("reproducible");  // given as a file, it is
}

/// --mapper-budget: evaluations per pass, or "10s", seconds in all.
void set_budget(SearchOptions& search, const std::string& text) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32U;
  constexpr double kMostSeconds = 1e6;
  if (text.empty() || text.back() != 's') {
    search.budget = parse_count("--mapper-budget", text, 1, kMost);
    return;
  }
  double seconds = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [parsed, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (error != std::errc{} || parsed != end || !(seconds > 0) || seconds > kMostSeconds) {
    throw InputError("--mapper-budget", "", brief_json(Json(text)), "a number of mappings, or seconds such as 10s");
  }
  search.budget = kMost;
  search.seconds = seconds;
}

void check_memory(const Experiment& experiment) {
  for (const Scheme& scheme : experiment.schemes) {
    report::check_capacity({scheme, experiment.network.family, experiment.batch, experiment.micro_batches,
                            experiment.accelerator.dram.capacity_bytes,
                            [&](std::uint64_t batch) { return footprint_elements(experiment.network, batch); }});
  }
}

}  // namespace

Experiment load_experiment(const CommonOptions& common, const std::vector<std::string>& schemes,
                           const ShippedFiles& files) {
  (void)engine_of(common);
  Experiment experiment;
  experiment.network = read_network(read_json_file(files.find("workloads", common.workload, "--workload")));
  experiment.accelerator = read_accelerator(
      with_dram_preset(read_json_file(files.find("accelerators", common.accelerator, "--accelerator")), files));
  experiment.batch = common.batch.value_or(experiment.network.batch);
  std::set<std::string> names;
  for (const std::string& scheme : schemes) {
    const std::filesystem::path path = files.find("schemes", scheme, "--scheme");
    experiment.schemes.push_back(read_scheme(read_json_file(path)));
    if (common.data) refuse_block_scales(experiment.schemes.back(), path.string(), "--data");
    choose_accumulator(experiment.schemes.back(), experiment, path.string());
    check_scheme(experiment.schemes.back(), experiment.accelerator.pe.vector_size, path.string());
    const std::string& name = experiment.schemes.back().name;
    if (!names.insert(name).second) {
      throw InputError("--scheme", "", "two schemes are named " + brief_json(Json(name)), "different names");
    }
  }
  load_mapping(experiment, common);
  experiment.micro_batches = common.micro_batches;
  experiment.passes = common.passes;
  experiment.layers = common.layers;
  experiment.verify = common.verify;
  experiment.version = version();
  if (!common.allow_oversubscription) check_memory(experiment);
  return experiment;
}

void set_search(Experiment& experiment, const CommonOptions& common, const energy::Technology& technology) {
  if (common.mapping != "auto") return;
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  experiment.search.threads = common.jobs == 0 ? cores : common.jobs;
  set_budget(experiment.search, common.mapper_budget);
  set_objective(experiment, technology, common.objective);
}

Engine engine_of(const CommonOptions& common) {
  if (common.engine == "fast" && common.data) {
    throw InputError("--engine", "", "\"fast\" with --data", "\"systemc\": only the clocked engine moves data");
  }
  return common.engine == "systemc" || common.data ? Engine::kSystemc : Engine::kFast;
}

ExperimentResult run_with_progress(const Experiment& experiment, const CommonOptions& common, Console& console) {
  PoolOptions options;
  options.engine = engine_of(common);
  options.jobs = common.jobs;
  options.data = common.data;
  options.seed = common.seed;
  options.tensors = common.tensors;
  Progress progress(console, common.quiet, common.progress == "lines");
  // Ctrl-C ends a search, not the program: what it has found so far is the result.
  std::atomic<bool> interrupted{false};
  std::optional<SoftInterrupt> soft;
  Experiment searched = experiment;
  if (experiment.objective) {
    soft.emplace(interrupted);
    searched.search.stop = &interrupted;
  }
  ExperimentResult result = run_experiment(searched, options, [&](const PoolProgress& now) {
    if (now.cycles > 0) soft.reset();  // the search is over
    progress.update(now.what, now.fraction, now.cycles);
  });
  for (std::size_t i = 0; i < result.searches.size(); ++i) {
    const AutoMapping& search = result.searches[i];
    console.err(experiment.schemes[i].name + ": " + std::to_string(search.evaluated) + " mappings of " +
                std::to_string(search.passes) + " passes tried; for " + std::to_string(search.optimal) +
                " of them no mapping of the space is better\n");
    if (interrupted) {
      console.err("interrupted: the best mappings so far, " + std::to_string(search.stopped) +
                  " passes were not searched to the end\n");
    }
  }
  if (result.verification.passes > 0) {
    console.err("verified on the clocked engine: " + std::to_string(result.verification.passes) + " passes, " +
                std::to_string(result.verification.cycles) + " cycles: every cycle, stall and count is the same\n");
  }
  return result;
}

}  // namespace lnsim::cli
