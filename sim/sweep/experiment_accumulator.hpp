// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/arch/scheme.hpp"
#include "sim/sweep/experiment.hpp"

namespace lnsim {

/// Puts the least accumulator that serves every GEMM of a training iteration where a scheme says "accumulator": "auto";
/// other schemes stay as they are. `file`: the scheme's, for messages. Throws InputError where there is none.
void choose_accumulator(Scheme& scheme, const Experiment& experiment, const std::string& file);

}  // namespace lnsim
