// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/cli/common_options.hpp"
#include "sim/cli/console.hpp"
#include "sim/report/load_pricing.hpp"
#include "sim/sweep/experiment.hpp"
#include "sim/sweep/experiment_clock.hpp"

namespace lnsim::cli {

using report::load_grids;

/// The files that the options name, but for prices: network, accelerator, schemes, mapping. The clock is the
/// accelerator's or the default of the technology. Throws InputError for anything unsound, for two schemes of one name,
/// and, without
/// --allow-oversubscription, for a training step that does not fit the DRAM under one of the schemes.
[[nodiscard]] Experiment load_experiment(const CommonOptions& common, const std::vector<std::string>& schemes,
                                         const ShippedFiles& files);
/// --mapping auto: the objective and the budget of the search. Experiment and technology must outlive the run.
void set_search(Experiment& experiment, const CommonOptions& common, const energy::Technology& technology);

/// The engine that --engine and --data ask for.
[[nodiscard]] Engine engine_of(const CommonOptions& common);
/// Runs the experiment with a progress line on stderr.
[[nodiscard]] ExperimentResult run_with_progress(const Experiment& experiment, const CommonOptions& common,
                                                 Console& console);

}  // namespace lnsim::cli
