// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/design.hpp"
#include "sim/sweep/shard_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// What is read from a shard file is written as it was; a part gives no more rows than it has lines.
void lnsim::fuzz::read_input(std::string_view input) {
  static const SweepSpec spec =
      read_sweep(parse_json(R"({"schema": "lnsim.sweep/1", "name": "x", "constraints": ["lanes * batch < 300"],
                     "axes": [{"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
                              {"at": "/batch", "values": [1, 10]}]})",
                            "sweep"),
                 metric_names());
  const ShardHeader header{"id", "1.0", {2, 2}, spec.axis_names(), metric_names()};
  const std::string file = input_file(input, "shard-2-of-2.jsonl");
  require(read_part_file(file, header, spec).size() < 1 + input.size(), "rows are lines");
  std::string text = header_line(header);
  const std::vector<ShardRow> rows = read_shard_file(file, header, spec);
  for (const ShardRow& row : rows) text += row_line("id", row);
  require(text + end_line(rows.size()) == input, "what is read is written as it was");
}
