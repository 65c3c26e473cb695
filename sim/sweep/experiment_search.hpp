// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "energy/technology.hpp"
#include "sim/sweep/experiment.hpp"

namespace lnsim {

/// What a mapping search minimises.
inline constexpr std::array<std::string_view, 3> kObjectives{"cycles", "energy", "edp"};

/// Has the experiment's mappings searched under one of kObjectives. Experiment and technology must outlive the runs,
/// and the clock be set before them.
void set_objective(Experiment& experiment, const energy::Technology& technology, const std::string& objective);

}  // namespace lnsim
