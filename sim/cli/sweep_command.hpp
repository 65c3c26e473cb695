// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/sweep/cluster_folder.hpp"
#include "sim/sweep/shard_lines.hpp"
#include "sim/sweep/sweep_run.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim::cli {

/// Options of `lnsim sweep`.
struct SweepOptions {
  CommonOptions common;
  std::string store;
  bool again = false;
  std::vector<std::string> pareto;  ///< empty: a search's objectives, else seconds and energy
  std::string top;
  std::uint64_t count = 10;
  std::string query;
  std::optional<std::uint64_t> design;  ///< its number, whose whole report is wanted
  // In shares.
  std::string shard;     ///< "3/10"
  std::string shards;    ///< folder
  std::string merge;     ///< folder
  bool partial = false;  ///< merge what is there
  std::string emit;      ///< folder of scripts for clusters
  std::string executor = "local";
  std::uint64_t split = 0;  ///< shards of a cluster job; 0: by the number of designs
  std::uint64_t poll = 10;  ///< seconds between two looks at the queue
};

/// The sweep that a command is about.
struct SweepInputs {
  Document document;
  SweepSpec spec;
  std::string id;                         ///< sweep_id()
  std::optional<SweepManifest> manifest;  ///< where it lies in the folder of a cluster job

  /// What shard files of the sweep begin with.
  [[nodiscard]] ShardHeader header(const SweepShard& shard) const;
};

/// What a progress line says of a run.
[[nodiscard]] std::string sweep_progress(const std::string& name, const SweepProgress& now);
[[nodiscard]] double sweep_fraction(const SweepProgress& now);

/// --shard: evaluates one share into its shard file. Returns an exit code.
int run_sweep_shard(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console);

/// What a merge came to.
struct MergeOutcome {
  bool complete = false;  ///< no row is missing, or the user does not mind
  bool sound = false;     ///< no file was skipped
};
/// --merge: puts shard files into the store; says what was skipped and what is missing.
MergeOutcome merge_sweep(const std::string& folder, const SweepInputs& sweep, const ShippedFiles& files,
                         const SweepOptions& given, Console& console);

/// --emit-slurm: makes the folder of a cluster job and says how to go on.
void emit_sweep(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console);

/// --executor slurm: makes the folder, submits, follows; false if it was stopped.
bool run_sweep_on_slurm(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given,
                        Console& console);

/// The answer to --query.
void print_sweep_query(const SweepInputs& sweep, const SweepOptions& given, Console& console);

/// Results of the store: to --out, and to stdout in --format.
void show_sweep_results(const SweepInputs& sweep, const SweepOptions& given, Console& console);

}  // namespace lnsim::cli
