// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/support/wide.hpp"

namespace lnsim {

/// Divides by the same number again and again, exactly, with a multiplication in place of a division: several times
/// as fast.
class Divisor {
 public:
  struct Result {
    std::uint64_t quotient = 0, remainder = 0;
  };

  /// Requires divisor > 0.
  explicit Divisor(std::uint64_t divisor) : divisor_(divisor), reciprocal_(~std::uint64_t{0} / divisor) {}

  [[nodiscard]] std::uint64_t value() const { return divisor_; }
  [[nodiscard]] Result divide(std::uint64_t x) const {
    // reciprocal_ is at most 1 below 2^64 / divisor, so the estimate is the quotient or one below.
    Result result;
    result.quotient = static_cast<std::uint64_t>((Uint128{x} * reciprocal_) >> 64);
    result.remainder = x - result.quotient * divisor_;
    if (result.remainder >= divisor_) {
      ++result.quotient;
      result.remainder -= divisor_;
    }
    return result;
  }

 private:
  std::uint64_t divisor_, reciprocal_;
};

}  // namespace lnsim
