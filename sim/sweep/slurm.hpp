// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace lnsim {

struct SlurmOptions {
  std::filesystem::path folder;  ///< of the job: slurm.sh and logs
  std::uint64_t shards = 1;
  std::uint64_t attempts = 3;               ///< submissions of one call, for shards that end without their file
  double poll_seconds = 10.0;               ///< between two looks at the queue
  const std::atomic<bool>* stop = nullptr;  ///< raised: no longer followed; the jobs go on
};

struct SlurmProgress {
  std::uint64_t finished = 0;  ///< shards that have their file
  std::uint64_t running = 0;   ///< tasks
  std::string jobs;            ///< ids, separated by commas
  bool reachable = true;       ///< the queue answered
};

/// Throws InputError if this machine has no sbatch.
void require_slurm();

/// Submits the shards that have no file yet as an array job and follows it in the queue to its end; jobs of an earlier
/// call that still run are followed instead. What a dead node put back into the queue is started without Slurm's two
/// minutes of delay; shards that ended without their file are submitted again. Returns false if it was stopped. Throws
/// InputError where Slurm refuses the job, SimulationError for shards that still have no file after all attempts.
bool run_on_slurm(const SlurmOptions& options, const std::function<bool(std::uint64_t shard)>& finished,
                  const std::function<void(const SlurmProgress&)>& progress);

}  // namespace lnsim
