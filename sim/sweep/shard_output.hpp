// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/sweep/shard_file.hpp"
#include "sim/sweep/sweep_output.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// Rows of one shard of a sweep, in a folder that needs no locks and may lie on a network file system. Each process
/// appends to a part file of its own, a line per design that is on disk before the next is begun; finish() turns the
/// parts into the shard's file in one step. A shard that is run again, or twice at a time on two machines, comes to the
/// same file.
class ShardOutput final : public SweepOutput {
 public:
  /// `spec` must outlive it. Touches no file.
  ShardOutput(std::filesystem::path folder, ShardHeader header, const SweepSpec& spec);

  /// Throws InputError for a folder that cannot be written or a shard file of another sweep.
  [[nodiscard]] std::vector<bool> begin(bool again) override;
  [[nodiscard]] std::unique_ptr<DesignSink> open() const override;

  /// Writes the shard's file if every design has a row, and removes the parts; returns whether it has. Throws
  /// std::system_error where nothing can be written.
  bool finish();

  /// Rows of the shard's file, if it is sound, and of its parts, by number: of several the one that is done.
  [[nodiscard]] std::map<std::uint64_t, ShardRow> rows() const;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> parts() const;
  [[nodiscard]] std::vector<ShardRow> finished_rows() const;

  std::filesystem::path folder_;
  ShardHeader header_;
  const SweepSpec& spec_;
};

/// Shards of which a folder has part files, finished or not.
[[nodiscard]] std::vector<SweepShard> shards_with_parts(const std::filesystem::path& folder);

}  // namespace lnsim
