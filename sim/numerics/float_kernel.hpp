// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/numerics/float_plan.hpp"

namespace lnsim::numerics {

/// True if the kernel computes this plan: group sums fit the 53 bits of a binary64. Wider ones (windows of more than 48
/// bits at V = 32, exact trees of wide formats) are left to the scalar code.
[[nodiscard]] bool float_kernel_applies(const FloatPlan& plan);

/// Vectorised DotUnit::accumulate, bit-identical to the reference, for the best instruction set of the machine.
/// Requires the default floating-point environment (round to nearest), which it does not change.
std::uint64_t float_kernel_accumulate(const FloatPlan& plan, const GroupBlock& block, Psum* psums,
                                      std::size_t psum_stride);

}  // namespace lnsim::numerics
