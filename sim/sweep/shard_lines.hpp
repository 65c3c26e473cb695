// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/sweep_output.hpp"

namespace lnsim {

/// The first line of a shard file ("lnsim.sweep_shard/1"): what its rows belong to.
struct ShardHeader {
  std::string sweep;    ///< sweep_id()
  std::string version;  ///< of the model
  SweepShard shard;
  std::vector<std::string> axes, metrics;  ///< names, in the order of the rows' values and metrics
};

/// A row of a shard file.
struct ShardRow {
  StoredDesign design;
  std::string key;  ///< of the design's figures; "" where it has none
};

// A shard file is JSON by lines: a header, a line per design, and how many they were. Each row ends with a hash of its
// text and of the sweep's id, so that a row that was changed, cut or moved from elsewhere is noticed.

[[nodiscard]] std::string header_line(const ShardHeader& header);
[[nodiscard]] std::string row_line(const std::string& sweep, const ShardRow& row);
[[nodiscard]] std::string end_line(std::uint64_t rows);

/// Throw InputError that names `file` and `where` (a line).
[[nodiscard]] ShardHeader read_header_line(const std::string& line, const std::string& file);
[[nodiscard]] ShardRow read_row_line(const std::string& line, const std::string& sweep, const std::string& file,
                                     const std::string& where);
/// Whether the line is an end_line(); its rows.
[[nodiscard]] bool is_end_line(const std::string& line);
[[nodiscard]] std::uint64_t read_end_line(const std::string& line, const std::string& file, const std::string& where);

}  // namespace lnsim
