// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/arch/accelerator.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/sweep/auto_mapping.hpp"
#include "sim/sweep/pass_pool.hpp"
#include "sim/sweep/verify.hpp"
#include "sim/trace/trace_file.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/memory.hpp"
#include "sim/workload/network.hpp"

namespace lnsim {

/// Everything that decides the traces of an experiment: one network on one machine, under several schemes.
struct Experiment {
  Network network;
  Accelerator accelerator;
  std::vector<Scheme> schemes;
  Json mapping;  ///< the mapping file, or null for the heuristic
  MappingRules rules;
  std::uint64_t clock_hz = 0;
  std::uint64_t batch = 1;
  std::uint64_t micro_batches = 1;
  std::vector<std::string> passes{"forward", "input_grad", "weight_grad", "update"};
  std::vector<std::string> layers;  ///< names or patterns; empty: all
  /// --mapping auto: what the search minimises under a scheme; empty: no search.
  std::function<MappingCost(const Scheme&)> objective;
  SearchOptions search;
  std::vector<std::string> verify;  ///< layers that the clocked engine simulates too, to compare; empty: none
  std::string version;              ///< of the program, for the traces
};

/// Traces in the order of the schemes, and what of them was verified.
struct ExperimentResult {
  std::vector<Trace> traces;
  std::vector<PassPlan> plans;        ///< of all entries of the first trace, then of the second, ...
  std::vector<AutoMapping> searches;  ///< with a search: one per scheme
  Verification verification;
};

/// The elements that a training step keeps in DRAM.
[[nodiscard]] FootprintElements footprint_elements(const Network& network, std::uint64_t batch);

/// Simulates one training iteration under each scheme and returns the traces in their order; passes that take equal
/// time under several schemes are simulated once. Throws InputError (a pass that does not fit the machine, a layer
/// pattern that matches nothing), OverflowError, SimulationError (also where the engines differ on a layer to verify).
[[nodiscard]] ExperimentResult run_experiment(const Experiment& experiment, const PoolOptions& options,
                                              const PoolCallback& progress = {});

}  // namespace lnsim
