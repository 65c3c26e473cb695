// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "sim/sweep/sweep_run.hpp"

namespace lnsim {

/// Searches the front of a sweep's objectives, generation by generation, each on several processes. Designs that have a
/// row already are taken from the store, so that a search which was stopped goes on, with the same designs. Failed and
/// excluded designs count as evaluations, and so do those that break a constraint; the search leaves them. Progress
/// counts towards the evaluations that are allowed, or the grid, if that is smaller. Throws as run_sweep().
SweepProgress run_search(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                         const SweepRunOptions& options, const std::filesystem::path& store,
                         const std::function<void(const SweepProgress&)>& progress);

}  // namespace lnsim
