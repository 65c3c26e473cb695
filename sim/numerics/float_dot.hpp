// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// A dot-product unit for any two floating-point formats. Products are exact; two kinds of accumulator:
/// * float: the products of a group are aligned to the largest product exponent in a window of W bits (truncation of
///   magnitudes), summed exactly, and the sum is added to the accumulator with one rounding;
/// * fixed: products are truncated to the accumulator's LSB 2^lam (F more bits in the tree), summed exactly, and added
///   with clamping per group. lam = top - (A - 1 - G), where every product is below 2^top.
/// Chunks move the inner accumulator to an outer one (Wang et al., NeurIPS 2018).
///
/// spec() of the unit is the given one with the defaults filled in: window, guard, tree fraction bits, outer
/// accumulator. Throws SpecError where the fields do not belong together or exceed the widths: A in 2..48, W >= 1,
/// W + ceil(log2 V) <= 58, A - G + F + ceil(log2 V) <= 63, float accumulators as FloatAccumulate says.
[[nodiscard]] std::unique_ptr<DotUnit> make_float_dot_unit(const DotSpec& spec);

}  // namespace lnsim::numerics
