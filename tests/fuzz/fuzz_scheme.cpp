// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/scheme.hpp"
#include "tests/fuzz/fuzz_target.hpp"

void lnsim::fuzz::read_input(std::string_view input) {
  const Scheme scheme = read_scheme(parse_json(input, "input"));
  const std::string text = dump_json(write_scheme(scheme));
  require(dump_json(write_scheme(read_scheme(parse_json(text, "again")))) == text, "what is written reads back");
}
