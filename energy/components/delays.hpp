// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "energy/components/widths.hpp"
#include "energy/primitive.hpp"

namespace lnsim::energy {

/// Delays of a dot-product unit's stages in ns, each from register to register as it was synthesised (its register's
/// clock-to-output included); 0: the unit has no such stage.
struct UnitDelays {
  double multiply = 0;
  double exponent_max = 0;  ///< maximum of the exponents and the shift amounts
  double tree = 0;          ///< alignment and adder tree
  double convert = 0;       ///< constants of the bins
  double accumulate = 0;    ///< fixed: the loop. Float: the slowest of its three stages
  double register_ns = 0;   ///< clock to output, part of each of the above
};

/// From primitive delays and the delay_* factors of the technology.
[[nodiscard]] UnitDelays unit_delays(const UnitWidths& unit, const LogicPrices& logic);

}  // namespace lnsim::energy
