// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "sim/report/load_pricing.hpp"
#include "sim/report/pricing.hpp"
#include "sim/support/error.hpp"
#include "sim/trace/trace_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// Both ways to read a trace agree; it can be written, read back and priced.
void lnsim::fuzz::read_input(std::string_view input) {
  const std::string file = input_file(input, "trace.json");
  std::optional<std::string> from_file;
  try {
    from_file = dump_json(write_trace(read_trace_file(file)));
  } catch (const InputError&) {
  }
  Trace trace = read_trace(parse_json(input, "input"));
  const std::string text = dump_json(write_trace(trace));
  require(from_file == text, "both readers read the same");
  require(dump_json(write_trace(read_trace(parse_json(text, "again")))) == text, "what is written reads back");
  static const ShippedFiles files({LNSIM_SOURCE_DIR});
  static const report::Pricing pricing = report::load_pricing({}, files, "resnet");
  try {
    (void)report::price_trace(std::move(trace), pricing);
  } catch (const SimulationError&) {  // counts that no machine gives
  }
}
