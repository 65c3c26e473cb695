// SPDX-License-Identifier: Apache-2.0
#include "sim/import/onnx.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// What is imported is a sound network.
void lnsim::fuzz::read_input(std::string_view input) {
  OnnxOptions options;
  options.name = "fuzz";
  options.dims["*"] = 32;
  options.allow_unknown = !input.empty() && (static_cast<unsigned char>(input.back()) & 1U) != 0;
  const ImportResult result = import_onnx(input, "input", options);
  (void)read_network(parse_json(dump_json(write_network(result.network)), "again"));
}
