// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/workload/vector_costs.hpp"

namespace lnsim {

/// The sweeps of unary, binary, affine, move and reduce layers.
void append_functions(std::vector<SweepCost>& table);

}  // namespace lnsim
