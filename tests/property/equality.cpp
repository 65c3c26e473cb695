// SPDX-License-Identifier: Apache-2.0
#include "tests/property/equality.hpp"

#include "sim/fast/engine.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/engine.hpp"

namespace lnsim::test {
namespace {

constexpr std::uint64_t kCycleLimit = 5000000;  // far above any case

void stop_if_stuck(std::uint64_t cycle) {
  if (cycle > kCycleLimit) throw SimulationError("the machine is stuck");
}

}  // namespace

EqualityResult check_equality(const PassCase& made) {
  const PassPlan plan = plan_of(made);
  EqualityResult result;
  try {
    result.entry = systemc::simulate_pass(plan, stop_if_stuck);
  } catch (const std::exception& error) {
    result.failure = std::string("clocked: ") + error.what();
    return result;
  }
  try {
    const TraceEntry fast = fast::simulate_pass(plan);
    if (fast == result.entry) return result;
    std::string text = "difference: clocked and fast";
    for (const std::string& line : differences(result.entry, fast)) text += "\n  " + line;
    result.failure = text;
  } catch (const std::exception& error) {
    result.failure = std::string("fast: ") + error.what();
  }
  return result;
}

}  // namespace lnsim::test
