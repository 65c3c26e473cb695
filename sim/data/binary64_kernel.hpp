// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lnsim {

/// Outputs side by side in the binary64 reference: independent sums, so that vector width does not change a bit.
inline constexpr std::size_t kBinary64Tile = 32;

/// sums[i] += a[k][i] * b[k] for k = 0 .. count - 1 in this order, i < kBinary64Tile; every product and every sum is
/// rounded (no fused multiply-add), as in plain scalar code.
void add_products(const double* a, const double* b, std::size_t count, double* sums);

}  // namespace lnsim
