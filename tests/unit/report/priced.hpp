// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/report/pricing.hpp"
#include "tests/unit/sweep/experiments.hpp"

namespace lnsim::report::test {

/// 45 nm, Germany, ImageNet, PUE 1.5.
inline const Pricing& pricing() {
  static const Pricing made = [] {
    Pricing p;
    p.technology = energy::read_technology(std::string(LNSIM_SOURCE_DIR) + "/configs/technology/45nm.json");
    p.grid = {"DEU", "Germany", 380.0, "2023", "a test", "country"};
    p.run = {"imagenet_90", "", 1281167, 90, {}, "a test"};
    p.pue = {1.5, "a test", 2020, "a test"};
    return p;
  }();
  return made;
}

/// One iteration of lenet, 2 x 3 samples, under lns8 and fp32.
inline const std::vector<Trace>& lenet_traces() {
  static const std::vector<Trace> traces =
      run_experiment(lnsim::test::make_experiment("lenet", {"lns8", "fp32"}, 2, 3), {}).traces;
  return traces;
}

inline std::vector<PricedTrace> priced_lenet() {
  std::vector<PricedTrace> priced;
  for (const Trace& trace : lenet_traces()) priced.push_back(price_trace(trace, pricing()));
  return priced;
}

}  // namespace lnsim::report::test
