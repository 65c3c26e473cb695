// SPDX-License-Identifier: Apache-2.0
#include "energy/scaling.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) { (void)energy::read_scaling_set(input_file(input)); }
