// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/shard_lines.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// "shard-3-of-10.jsonl"
[[nodiscard]] std::string shard_file_name(const SweepShard& shard);

/// Nothing if that is no shard_file_name().
[[nodiscard]] std::optional<SweepShard> shard_of_name(const std::string& name);

/// Names of the shard files of a folder, of any number of shares, in the order of their first designs.
[[nodiscard]] std::vector<std::string> shard_files(const std::filesystem::path& folder);

/// Reads a finished shard file, which nobody vouches for: kind, sweep, version, axes and metrics are compared with
/// `wanted` (its shard is not), every row's hash with its text, its values with those of the design of its number; each
/// design of the shard must have one row, in order, and the file the name of its shard. Throws
/// InputError with the line that is wrong.
[[nodiscard]] std::vector<ShardRow> read_shard_file(const std::filesystem::path& path, const ShardHeader& wanted,
                                                    const SweepSpec& spec);

/// The sweep that a shard file says it belongs to; "" where it has no sound header.
[[nodiscard]] std::string sweep_of_shard_file(const std::filesystem::path& path);

/// Reads what a process left of a shard of `wanted` that it may not have finished: the sound rows before the first
/// line that is cut or wrong; none where the file is not one of that shard.
[[nodiscard]] std::vector<ShardRow> read_part_file(const std::filesystem::path& path, const ShardHeader& wanted,
                                                   const SweepSpec& spec);

}  // namespace lnsim
