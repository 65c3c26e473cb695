// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/auto_mapping.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>

namespace lnsim {

AutoMapping map_passes(std::vector<PassPlan>& plans, const MappingCost& cost, const SearchOptions& options,
                       const MappingProgress& progress) {
  std::set<std::string> distinct;
  for (const PassPlan& plan : plans) {
    if (!plan.pass.gemms.empty()) distinct.insert(plan.timing_key());
  }
  AutoMapping found;
  found.file["schema"] = "lnsim.mapping/1";
  found.file["gemms"] = Json::array();
  std::map<std::string, SearchResult> results;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  for (PassPlan& plan : plans) {
    if (plan.pass.gemms.empty()) continue;
    const auto [place, fresh] = results.try_emplace(plan.timing_key());
    SearchResult& result = place->second;
    if (fresh) {
      SearchOptions own = options;
      if (options.seconds) {
        // An equal share of the time that is left; what a pass does not need is the others'.
        const std::chrono::duration<double> spent = Clock::now() - begin;
        own.seconds =
            std::max(0.0, *options.seconds - spent.count()) / static_cast<double>(distinct.size() - results.size() + 1);
      }
      result = search_mapping(plan, cost, own);
      found.stopped += result.stopped ? 1 : 0;
      ++found.passes;
      found.optimal += result.optimal ? 1 : 0;
      found.evaluated += result.evaluated;
      found.candidates += result.candidates;
      if (progress) progress(plan.where(), results.size(), distinct.size());
    }
    plan.pin = result.pin;
    // The entry's first mapping is that of the first GEMM; the pin is the largest one's, which decides all.
    Json rule = write_pin(result.pin);
    rule["layer"] = plan.pass.layer;
    rule["pass"] = std::string(pass_name(plan.pass.kind));
    found.file["gemms"].push_back(std::move(rule));
  }
  // What time decided, another run may decide otherwise.
  if (options.seconds || found.stopped > 0) found.file["reproducible"] = false;
  return found;
}

}  // namespace lnsim
