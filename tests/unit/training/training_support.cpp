// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/training/training_support.hpp"

#include "sim/data/random.hpp"

namespace lnsim::training::test {

Network network_of(const std::string& layers, const std::string& family) {
  return read_network(parse_json(R"({"schema": "lnsim.workload/1", "name": "test", "family": ")" + family +
                                     R"(", "batch": 2, "layers": [)" + layers + "]}",
                                 "test.json"));
}

Network shipped_network(const std::string& name) {
  return read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/" + name + ".json"));
}

Scheme shipped_scheme(const std::string& name) {
  return read_scheme(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + name + ".json"));
}

std::vector<double> normal_numbers(std::size_t count, std::uint64_t seed) {
  Xoshiro256 random(seed);
  std::vector<double> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(next_normal(random));
  return numbers;
}

}  // namespace lnsim::training::test
