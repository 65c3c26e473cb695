// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// Throws SpecError unless the scale is positive and finite.
inline void check_scale(double scale) {
  if (!(scale > 0.0) || std::isinf(scale)) throw SpecError("a scale must be positive and finite");
}

}  // namespace lnsim::numerics
