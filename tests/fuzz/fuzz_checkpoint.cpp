// SPDX-License-Identifier: Apache-2.0
#include "sim/training/checkpoint.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) {
  (void)training::read_checkpoint(input_file(input, "checkpoint"), "run");
}
