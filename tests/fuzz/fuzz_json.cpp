// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/json_view.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// Text is read by two parsers, and written: all three agree on what it says.
void lnsim::fuzz::read_input(std::string_view input) {
  const std::string file = input_file(input, "input.json");
  std::optional<Json> quick;
  try {
    if (const auto sound = read_sound_json(file)) quick = sound->root().json();
  } catch (const UnsoundJson&) {
  } catch (const InputError&) {
  }
  const Document document = parse_json(input, "input");
  if (quick) require(*quick == document.root, "both parsers read the same");
  require(parse_json(dump_json(document.root), "again").root == document.root, "what is written reads back");
}
