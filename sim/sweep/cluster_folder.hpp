// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/support/shipped.hpp"
#include "sim/sweep/cluster_scripts.hpp"
#include "sim/sweep/sweep_output.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// What all tasks of a sweep on a cluster must agree on ("lnsim.sweep_manifest/1").
struct SweepManifest {
  std::string sweep;      ///< sweep_id()
  std::string version;    ///< of the model
  std::string spec_file;  ///< the sweep's, as the user named it; for messages
  std::uint64_t shards = 1;
  std::vector<std::string> first_keys;  ///< per shard: of its first design's figures; "" where it cannot be made
};

/// A sweep as it lies in the folder of a cluster job.
struct ClusterSweep {
  SweepManifest manifest;
  Document document;  ///< of the sweep, under the name that the user gave
};

/// Nothing if the folder has no manifest. Throws InputError for one that is wrong, that another version wrote, or whose
/// copy of the sweep has been changed.
[[nodiscard]] std::optional<ClusterSweep> read_cluster_folder(const std::filesystem::path& folder,
                                                              const std::string& version);

/// The manifest of a sweep in so many shards. Throws InputError for what no design could do without.
[[nodiscard]] SweepManifest make_manifest(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                                          const std::string& version, std::uint64_t shards);

/// Makes the folder of a cluster job: a copy of the sweep, the scripts, a folder for logs and, last, the manifest,
/// which is written once and never again. Of a folder that has the same manifest only the scripts are made anew. Throws
/// InputError for a folder of another sweep or one that cannot be made.
void make_cluster_folder(const std::filesystem::path& folder, const SweepManifest& manifest, const Document& document,
                         const ClusterJob& job);

/// Throws InputError if the shard is not one of the manifest's, or its first design is not what it was when the
/// manifest was made: a file that the sweep names has changed since.
void check_shard(const SweepManifest& manifest, const SweepShard& shard, const SweepSpec& spec,
                 const ShippedFiles& files, const std::string& folder);

}  // namespace lnsim
