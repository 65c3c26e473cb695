// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lnsim {

/// An array job that evaluates the shards of a sweep, one per task. All paths are absolute.
struct ClusterJob {
  std::string name;                  ///< of the sweep
  std::uint64_t shards = 1;          ///< tasks
  std::uint64_t cores = 1;           ///< per task
  std::string program;               ///< lnsim
  std::string working_folder;        ///< where paths in the sweep begin
  std::string folder;                ///< of manifest and shard files
  std::vector<std::string> options;  ///< more words of the command line
};

/// A script for one batch system.
struct ClusterScript {
  std::string file;  ///< its name
  std::string text;
};

/// For Slurm, LSF, Grid Engine and PBS Professional, in that order: POSIX shell, to be submitted from the job's folder.
/// Whatever stands in the job's texts, the scripts run nothing but the program.
[[nodiscard]] std::vector<ClusterScript> cluster_scripts(const ClusterJob& job);

}  // namespace lnsim
