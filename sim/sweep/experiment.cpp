// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/experiment.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

NamedTensor named(const Tensor& tensor) { return {tensor.name, std::string(role_name(tensor.role)), tensor.elements}; }

Trace describe_trace(const Experiment& experiment, const Scheme& scheme, const PoolOptions& options) {
  Trace trace;
  trace.version = experiment.version;
  trace.engine = engine_name(options.engine);
  trace.workload = experiment.network.name;
  trace.family = experiment.network.family;
  trace.network = write_network(experiment.network);
  trace.accelerator = experiment.accelerator;
  trace.scheme = scheme;
  trace.mapping = experiment.mapping;
  trace.clock_hz = experiment.clock_hz;
  trace.batch = experiment.batch;
  trace.micro_batches = experiment.micro_batches;
  trace.passes = experiment.passes;
  trace.layers = experiment.layers;
  trace.data = options.data;
  trace.seed = options.data ? options.seed : 0;
  trace.footprint = footprint_elements(experiment.network, experiment.batch);
  return trace;
}

/// Progress of a search as that of a pool.
MappingProgress searching(const PoolCallback& progress) {
  if (!progress) return {};
  return [&progress](const std::string& what, std::uint64_t done, std::uint64_t all) {
    progress({"mapping " + what, static_cast<double>(done) / static_cast<double>(all), 0, done, all});
  };
}

Verification verify_layers(const Experiment& experiment, const std::vector<PassPlan>& plans,
                           const std::vector<TraceEntry>& entries, std::uint64_t jobs) {
  if (experiment.verify.empty()) return {};
  std::vector<PassPlan> chosen;
  std::vector<TraceEntry> answers;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto matches = [&](const std::string& pattern) { return glob_match(pattern, plans[i].pass.layer); };
    if (std::none_of(experiment.verify.begin(), experiment.verify.end(), matches)) continue;
    chosen.push_back(plans[i]);
    answers.push_back(entries[i]);
  }
  if (chosen.empty()) throw InputError("--verify", "", joined(experiment.verify), "layers of the network");
  return verify_passes(chosen, answers, jobs);
}

}  // namespace

FootprintElements footprint_elements(const Network& network, std::uint64_t batch) {
  const MemoryFootprint memory = memory_footprint(network, batch);
  FootprintElements elements;
  elements.parameter_count = parameter_count(network);
  elements.weights = memory.weights;
  elements.parameters = memory.parameters;
  elements.running_statistics = memory.running_statistics;
  elements.head_weights = memory.head_weights;
  elements.head_parameters = memory.head_parameters;
  elements.saved_activations = memory.saved_elements(Role::kActivation);
  elements.saved_parameters = memory.saved_elements(Role::kParameter);
  elements.saved_bits = memory.saved_bits();
  elements.peak_gradients = memory.peak_gradients;
  elements.largest_gradient = named(memory.largest_gradient);
  elements.largest_weight = named(memory.largest_weight);
  for (const SavedTensor& saved : memory.saved) {
    const bool stored = saved.tensor.role == Role::kActivation;
    if (stored && saved.tensor.elements > elements.largest_saved.elements) elements.largest_saved = named(saved.tensor);
  }
  return elements;
}

ExperimentResult run_experiment(const Experiment& experiment, const PoolOptions& options,
                                const PoolCallback& progress) {
  LowerOptions lowering;
  lowering.batch = experiment.batch;
  lowering.micro_batches = experiment.micro_batches;
  lowering.passes = parse_passes(joined(experiment.passes), "--passes");
  lowering.layers = LayerSelection(joined(experiment.layers));
  const std::vector<LayerPass> passes = lower(experiment.network, lowering);

  std::vector<PassPlan> plans;
  ExperimentResult result;
  for (const Scheme& scheme : experiment.schemes) {
    PlanContext context;
    context.accelerator = experiment.accelerator;
    context.scheme = scheme;
    context.family = experiment.network.family;
    context.clock_hz = experiment.clock_hz;
    context.micro_batches = experiment.micro_batches;
    context.rules = experiment.rules;
    context.write_machine_text();
    std::vector<PassPlan> own;
    for (const LayerPass& pass : passes) own.push_back(plan_pass(pass, context));
    result.traces.push_back(describe_trace(experiment, scheme, options));
    if (experiment.objective) {
      result.searches.push_back(map_passes(own, experiment.objective(scheme), experiment.search, searching(progress)));
      result.traces.back().mapping = result.searches.back().file;
    }
    plans.insert(plans.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  }
  std::vector<TraceEntry> entries = run_passes(plans, options, progress);
  result.verification = verify_layers(experiment, plans, entries, options.jobs);
  for (std::size_t i = 0; i < result.traces.size(); ++i) {
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(i * passes.size());
    const auto end = begin + static_cast<std::ptrdiff_t>(passes.size());
    result.traces[i].entries.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
  }
  result.plans = std::move(plans);
  return result;
}

}  // namespace lnsim
