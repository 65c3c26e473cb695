// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/network.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) {
  const Network network = read_network(parse_json(input, "input"));
  const std::string text = dump_json(write_network(network));
  require(dump_json(write_network(read_network(parse_json(text, "again")))) == text, "what is written reads back");
}
