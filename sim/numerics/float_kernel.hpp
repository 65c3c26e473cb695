// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/numerics/float_plan.hpp"

namespace lnsim::numerics {

/// Vectorised DotUnit::accumulate, bit-identical to the reference, for the best instruction set of the machine.
/// Requires the default floating-point environment (round to nearest), which it does not change.
std::uint64_t float_kernel_accumulate(const FloatPlan& plan, const GroupBlock& block, Psum* psums,
                                      std::size_t psum_stride);

}  // namespace lnsim::numerics
