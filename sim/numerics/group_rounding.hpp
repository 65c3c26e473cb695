// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// How the exact sum T of a group becomes accumulator LSBs: d = T * 2^-R, rounded down or to nearest even.
struct GroupRounding {
  int right = 0;          ///< R if positive, at most 63
  int left = 0;           ///< -R if R is negative
  bool nearest = false;   ///< nearest even instead of floor
  bool vanishes = false;  ///< nearest even with an R so large that every sum rounds to zero

  GroupRounding() = default;
  /// |T| <= 2^61 is assumed.
  GroupRounding(std::int64_t shift, Rounding mode) : nearest(mode == Rounding::kNearestEven && shift > 0) {
    if (shift <= 0) {
      left = static_cast<int>(-shift);
      return;
    }
    vanishes = nearest && shift >= 62;
    right = shift < 63 ? static_cast<int>(shift) : 63;
  }

  /// R.
  [[nodiscard]] std::int64_t shift() const { return right > 0 ? right : -left; }
  [[nodiscard]] std::int64_t apply(std::int64_t sum) const {
    if (vanishes) return 0;
    if (right == 0) return sum << left;
    if (!nearest) return sum >> right;
    return (sum + ((std::int64_t{1} << (right - 1)) - 1) + ((sum >> right) & 1)) >> right;
  }
};

}  // namespace lnsim::numerics
