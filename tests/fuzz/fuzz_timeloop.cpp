// SPDX-License-Identifier: Apache-2.0
#include "sim/import/timeloop.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// What is imported is a sound network, and can go back with as many MACs.
void lnsim::fuzz::read_input(std::string_view input) {
  const ImportResult result = import_timeloop({{"input", std::string(input)}}, "fuzz");
  (void)read_network(parse_json(dump_json(write_network(result.network)), "again"));
  const TimeloopExport back = export_timeloop(result.network, 1);
  require(back.left_out.empty(), "what was imported can be exported");
  const ImportResult again = import_timeloop(back.files, "again");
  require(forward_macs(again.network, 1) == forward_macs(result.network, 1), "MACs stay");
}
