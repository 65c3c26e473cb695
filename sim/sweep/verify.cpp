// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/verify.hpp"

#include <set>

#include "sim/support/error.hpp"

namespace lnsim {

Verification verify_passes(const std::vector<PassPlan>& plans, const std::vector<TraceEntry>& entries,
                           std::uint64_t jobs) {
  PoolOptions options;
  options.engine = Engine::kSystemc;
  options.jobs = jobs;
  const std::vector<TraceEntry> clocked = run_passes(plans, options);
  Verification verified;
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const std::vector<std::string> different = differences(entries[i], clocked[i]);
    if (!different.empty()) {
      std::string message = plans[i].where() + ": the fast engine and the clocked one differ:";
      for (const std::string& line : different) message += "\n  " + line;
      throw SimulationError(message);
    }
    if (!distinct.insert(plans[i].timing_key()).second) continue;
    ++verified.passes;
    verified.cycles += clocked[i].cycles;
  }
  return verified;
}

}  // namespace lnsim
