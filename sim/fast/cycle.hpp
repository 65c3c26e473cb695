// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The engine without a clock: the times of docs/machine.md by its equations.
namespace lnsim::fast {

/// A time in cycles of the core clock.
using Cycle = std::uint64_t;
/// The time of an event that cannot be computed yet.
inline constexpr Cycle kUnknown = ~Cycle{0};

}  // namespace lnsim::fast
