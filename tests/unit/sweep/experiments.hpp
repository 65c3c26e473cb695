// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/experiment.hpp"

namespace lnsim::test {

/// A shipped network under shipped schemes on the shipped machine, at 400 MHz.
inline Experiment make_experiment(const std::string& workload, const std::vector<std::string>& schemes,
                                  std::uint64_t batch, std::uint64_t micro_batches = 1) {
  const std::string root = LNSIM_SOURCE_DIR;
  Experiment experiment;
  experiment.network = read_network(read_json_file(root + "/workloads/" + workload + ".json"));
  experiment.accelerator = read_accelerator(read_json_file(root + "/configs/accelerators/lns_madam.json"));
  for (const std::string& scheme : schemes) {
    experiment.schemes.push_back(read_scheme(read_json_file(root + "/configs/schemes/" + scheme + ".json")));
  }
  experiment.clock_hz = 400000000;
  experiment.batch = batch;
  experiment.micro_batches = micro_batches;
  experiment.version = "0";
  return experiment;
}

}  // namespace lnsim::test
