// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace lnsim::numerics {

/// What the scales of two blocks multiply a group's sum by, exactly: significand * 2^exponent.
struct ScaleProduct {
  std::int64_t significand = 1;
  int exponent = 0;

  ScaleProduct() = default;
  /// Factors of at most 4 significant bits each (BlockFormat::factor()).
  ScaleProduct(double a, double b) {
    constexpr int kBits = 8;
    const double fraction = std::frexp(a * b, &exponent);
    significand = static_cast<std::int64_t>(std::ldexp(fraction, kBits));
    exponent -= kBits;
  }
};

}  // namespace lnsim::numerics
