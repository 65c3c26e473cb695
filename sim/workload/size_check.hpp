// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/graph.hpp"

namespace lnsim {

/// Refuses a network whose tensors exceed kMaxTensorElements at this batch, whose stored elements or forward MACs
/// exceed 64 bits, or whose strides ask for more than a million input gradient phases. Throws InputError with pointers.
void check_sizes(const Network& network, const Graph& graph, std::uint64_t batch);

}  // namespace lnsim
