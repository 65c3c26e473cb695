// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/accelerator.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) {
  const Accelerator accelerator = read_accelerator(parse_json(input, "input"));
  const std::string text = dump_json(write_accelerator(accelerator));
  require(dump_json(write_accelerator(read_accelerator(parse_json(text, "again")))) == text,
          "what is written reads back");
}
