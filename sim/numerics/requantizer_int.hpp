// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace lnsim::numerics {

/// A positive ratio r as INT hardware applies it: Q * 2^-h, 2^15 <= Q < 2^16, Q = rhe(r * 2^h) (where that is 2^16:
/// 2^15, and h - 1).
class IntMultiplier {
 public:
  /// Throws SpecError unless the ratio is positive and finite.
  explicit IntMultiplier(double ratio);

  [[nodiscard]] std::int64_t factor() const { return factor_; }  ///< Q
  [[nodiscard]] int shift() const { return shift_; }             ///< h; negative for large ratios

  /// rhe(integer * Q / 2^h), exact, clamped to +-2^62. |integer| <= 2^47.
  [[nodiscard]] std::int64_t apply(std::int64_t integer) const;

 private:
  static constexpr std::int64_t kLimit = std::int64_t{1} << 62;
  std::int64_t factor_ = 0;
  int shift_ = 0;
};

}  // namespace lnsim::numerics
