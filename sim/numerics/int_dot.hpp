// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// A unit whose operands are both INT (widths may differ), with a fixed or a float accumulator, chunked or not.
/// Products and the sum of a group are exact. A fixed accumulator has no guard bits and 2 to 48 bits. Throws SpecError.
[[nodiscard]] std::unique_ptr<DotUnit> make_int_dot_unit(const DotSpec& spec);

}  // namespace lnsim::numerics
