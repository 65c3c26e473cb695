// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/auto_mapping.hpp"

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
  for (PassPlan& plan : plans) {
    if (plan.pass.gemms.empty()) continue;
    const auto [place, fresh] = results.try_emplace(plan.timing_key());
    SearchResult& result = place->second;
    if (fresh) {
      result = search_mapping(plan, cost, options);
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
  return found;
}

}  // namespace lnsim
