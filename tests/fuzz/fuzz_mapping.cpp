// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/mapping.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) { (void)read_mapping(parse_json(input, "input")); }
