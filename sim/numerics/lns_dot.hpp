// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// A unit whose operands are both LNS. Neither of tree_fraction_bits and tree_exact means F = 0. Throws SpecError.
[[nodiscard]] std::unique_ptr<DotUnit> make_lns_dot_unit(const DotSpec& spec);

}  // namespace lnsim::numerics
