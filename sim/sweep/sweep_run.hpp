// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "sim/support/shipped.hpp"
#include "sim/sweep/sweep_output.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

struct SweepProgress {
  std::uint64_t done = 0;    ///< designs of the shard that have a row, those of earlier runs included
  std::uint64_t failed = 0;  ///< of this run
  std::uint64_t size = 0;    ///< of the shard
};

struct SweepRunOptions {
  SweepShard shard;  ///< whose designs are evaluated
  /// Instead of a shard's: these designs, none of which has a row yet.
  const std::vector<std::uint64_t>* numbers = nullptr;
  std::uint64_t jobs = 0;                   ///< processes; 0: one per core
  bool again = false;                       ///< evaluate designs that failed before once more
  std::string version;                      ///< of the model
  const std::atomic<bool>* stop = nullptr;  ///< raised: designs that are being evaluated are finished, no others
};

/// Hash of a sweep and the model's version: what its rows are stored under.
[[nodiscard]] std::string sweep_id(const Document& document, const std::string& version);

/// Evaluates the designs of a shard that have no row yet, in processes that each write what they find. A design that
/// fails, or takes its process down, becomes a row with its error; the others go on. Throws InputError for what no
/// design could do without, std::system_error where nothing can be written.
SweepProgress run_sweep(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                        const SweepRunOptions& options, SweepOutput& output,
                        const std::function<void(const SweepProgress&)>& progress);

}  // namespace lnsim
