// SPDX-License-Identifier: Apache-2.0
#include "tests/property/equality.hpp"

#include <set>
#include <utility>

#include "sim/fast/engine.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/trace/trace_json.hpp"

namespace lnsim::test {
namespace {

constexpr std::uint64_t kCycleLimit = 5000000;  // far above any case

void stop_if_stuck(std::uint64_t cycle) {
  if (cycle > kCycleLimit) throw SimulationError("the machine is stuck");
}

std::string text_of(const Json* value) { return value == nullptr ? "absent" : value->dump(); }

void compare(const Json* clocked, const Json* fast, const std::string& pointer, std::vector<std::string>& found) {
  const auto is = [&](auto test) { return clocked != nullptr && fast != nullptr && test(*clocked) && test(*fast); };
  if (is([](const Json& json) { return json.is_object(); })) {
    std::set<std::string> keys;
    for (const Json* side : {clocked, fast}) {
      for (const auto& member : side->items()) keys.insert(member.key());
    }
    const auto member = [](const Json& side, const std::string& key) {
      const auto at = side.find(key);
      return at == side.end() ? nullptr : &*at;
    };
    for (const std::string& key : keys) {
      compare(member(*clocked, key), member(*fast, key), pointer_to(pointer, key), found);
    }
  } else if (is([](const Json& json) { return json.is_array(); }) && clocked->size() == fast->size()) {
    for (std::size_t i = 0; i < clocked->size(); ++i) {
      compare(&(*clocked)[i], &(*fast)[i], pointer_to(pointer, i), found);
    }
  } else if (text_of(clocked) != text_of(fast)) {
    found.push_back(pointer + ": clocked " + text_of(clocked) + ", fast " + text_of(fast));
  }
}

}  // namespace

std::vector<std::string> differences(const TraceEntry& clocked, const TraceEntry& fast) {
  const Json left = write_entry(clocked);
  const Json right = write_entry(fast);
  std::vector<std::string> found;
  compare(&left, &right, "", found);
  return found;
}

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
    const std::vector<std::string> found = differences(result.entry, fast);
    if (found.empty()) return result;
    std::string text = "difference:";
    for (const std::string& line : found) text += "\n  " + line;
    result.failure = text;
  } catch (const std::exception& error) {
    result.failure = std::string("fast: ") + error.what();
  }
  return result;
}

}  // namespace lnsim::test
