// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "energy/technology.hpp"
#include "sim/sweep/experiment.hpp"

namespace lnsim {

/// Sets the clock: pinned by the accelerator, or the technology's, or the fastest that the machine allows under all
/// schemes where that is lower. Throws InputError for a pinned clock that the machine does not reach.
void set_clock(Experiment& experiment, const energy::Technology& technology);

}  // namespace lnsim
