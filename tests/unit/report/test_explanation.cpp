// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "sim/report/explanation.hpp"
#include "tests/unit/report/priced.hpp"

namespace lnsim::report {
namespace {

Explanation lns8() {
  const Experiment experiment = lnsim::test::make_experiment("lenet", {"lns8"}, 1);
  const Scheme& scheme = experiment.schemes.front();
  return {experiment.accelerator.name, scheme.name, "45nm",
          energy::explain(experiment.accelerator, scheme, test::pricing().technology,
                          energy::optimizers_of(scheme, "cnn"))};
}

TEST_CASE("Every action is explained, and its bill adds up to its price") {
  const Json json = write_explanation(lns8());
  constexpr std::size_t kOfBankedDram = 3;
  std::size_t own = 0;
  for (const Json& action : json["actions"]) own += action["component"] == "clock_tree" ? 0U : 1U;
  CHECK(own == action_table().size() - kOfBankedDram);
  for (const Json& action : json["actions"]) {
    INFO(action["component"] << " " << action["action"]);
    double sum = 0;
    for (const Json& line : action["bill"]) {
      sum += line["energy_fj"].get<double>();
      CHECK_FALSE(line["source"].get<std::string>().empty());
    }
    CHECK(action["energy_fj"].get<double>() == sum);
    CHECK(sum > 0);
    CHECK_FALSE(action["text"].get<std::string>().empty());
  }
}

TEST_CASE("The explained price is what accounting charges") {
  const Json json = write_explanation(lns8());
  Trace trace = test::lenet_traces().front();
  trace.entries.resize(1);
  trace.entries[0].repeat = 1;
  trace.entries[0].cycles = 0;
  std::map<std::string, double> clock_fj;  // by the action whose flip-flops it drives
  for (const Json& action : json["actions"]) {
    if (action["component"] == "clock_tree") clock_fj[action["action"]] = action["energy_fj"];
  }
  CHECK(clock_fj.size() > 5);
  for (const Json& action : json["actions"]) {
    const std::string component = action["component"];
    if (component == "clock_tree") continue;
    trace.entries[0].counts = {};
    for (std::size_t i = 0; i < action_table().size(); ++i) {
      const ActionInfo& info = action_table()[i];
      if (info.component == component && info.action == action["action"].get<std::string>()) {
        trace.entries[0].counts[static_cast<Action>(i)] = 1000;
      }
    }
    INFO(component << " " << action["action"]);
    const PricedTrace priced = price_trace(trace, test::pricing());
    const double clock = clock_fj[component + "." + action["action"].get<std::string>()];
    CHECK(priced.energy.total_j == Approx((action["energy_fj"].get<double>() + clock) * 1e-12).epsilon(1e-9));
  }
}

TEST_CASE("The table lists vector operations and numbers the sources") {
  const std::string text = explanation_table(lns8());
  CHECK(text.find("batch_norm forward") != std::string::npos);
  CHECK(text.find("Sources of prices\n  [1] ") != std::string::npos);
  CHECK(explanation_csv(lns8()).starts_with("component,action,part,"));
}

}  // namespace
}  // namespace lnsim::report
