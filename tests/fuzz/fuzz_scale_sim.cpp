// SPDX-License-Identifier: Apache-2.0
#include "sim/import/scale_sim.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// What is imported is a sound network, with as many MACs after it went to SCALE-Sim's format and back.
void lnsim::fuzz::read_input(std::string_view input) {
  ScaleSimOptions options;
  options.name = "fuzz";
  options.same_padding = !input.empty() && input.front() == 's';
  const ImportResult result = import_scale_sim(input, "input", options);
  (void)read_network(parse_json(dump_json(write_network(result.network)), "again"));
  const ExportResult back = export_scale_sim(result.network);
  require(back.left_out.empty(), "what was imported can be exported");
  if (back.text.size() > (1U << 20U)) return;  // grouped layers have a line per group
  options.same_padding = false;
  const ImportResult again = import_scale_sim(back.text, "again", options);
  require(forward_macs(again.network, 1) == forward_macs(result.network, 1), "MACs stay");
}
