// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "sim/schedule/pass_plan.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// What a search minimises: any number that never falls when cycles or counts of the entry grow. Lower bounds of a
/// mapping's cycles and counts then give a lower bound of its cost, so leaving out what cannot win is safe.
/// Called from several threads at once.
using MappingCost = std::function<double(const TraceEntry&)>;

struct SearchOptions {
  std::uint64_t budget = 500;  ///< evaluations per pass, at least 1
  std::uint64_t threads = 1;   ///< does not change the result
  /// Seconds for all passes together; the result then depends on the machine. Empty: no limit.
  std::optional<double> seconds = {};
  /// Once it is true, the search gives the best that it has.
  const std::atomic<bool>* stop = nullptr;
};

/// The best mapping found, as a pin of the pass: all its parts are fixed.
struct SearchResult {
  MappingPin pin;
  TraceEntry entry;  ///< of the fast engine under that pin
  double cost = 0;
  std::uint64_t candidates = 0;  ///< mappings in the space
  std::uint64_t evaluated = 0;   ///< simulated
  bool optimal = false;          ///< no mapping of the space is better: everything left out was bounded away
  bool stopped = false;          ///< by the time or by SearchOptions::stop
};

/// Searches the mapping of the pass's largest GEMM (the others follow its operand side and banks) for the least cost.
/// Candidates are tried in the order of their bounds, the heuristic's mapping first, so the result is never worse than
/// that; equal costs go to the earlier one. Deterministic for any number of threads, unless time or stop ended it.
/// Requires a pass with GEMMs. Throws InputError where no mapping fits.
[[nodiscard]] SearchResult search_mapping(const PassPlan& plan, const MappingCost& cost, const SearchOptions& options);

}  // namespace lnsim
