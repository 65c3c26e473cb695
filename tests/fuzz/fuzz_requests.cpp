// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requests/evaluate.hpp"
#include "sim/support/json.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// As `lnsim numerics` does; every answer can be written.
void lnsim::fuzz::read_input(std::string_view input) {
  const Document document = parse_json(input, "input");
  bool any_error = false;
  (void)dump_json(numerics::evaluate_numerics(nlohmann::json(document.root), any_error));
}
