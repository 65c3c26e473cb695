// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/support/shipped.hpp"
#include "sim/sweep/shard_lines.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// Ranges of missing designs that a merge names at most.
inline constexpr std::size_t kMissingRanges = 5;

/// What a merge found.
struct MergeResult {
  std::vector<std::string> skipped;  ///< a message per file that is damaged or of another sweep
  std::uint64_t missing = 0;         ///< designs without a row
  /// Where they are: first and last number; the first few.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> missing_ranges;
};

/// Puts the rows of a folder's shard files into a store. The files are taken for what anybody may have written: beside
/// what read_shard_file() checks, the key of every figure must be that of the design, and figures that the store has
/// already must be the same. A file that fails is skipped as a whole; of several rows of a design the one that is done
/// counts. `parts`: also the rows of shards that are not finished. `header`: of the sweep; its shard does not matter.
/// Throws InputError for a folder that cannot be read, and what DesignStore throws.
[[nodiscard]] MergeResult merge_shards(const std::filesystem::path& folder, const ShardHeader& header,
                                       const SweepSpec& spec, const std::string& spec_file, const ShippedFiles& files,
                                       const std::filesystem::path& store, bool parts);

}  // namespace lnsim
