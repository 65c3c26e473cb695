// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// The numbers of a float accumulator (1, e, m): multiples of 2^(g - m) in the binade 2^g, g >= min_exponent
/// (subnormals share the grid of min_exponent), up to `largest`.
struct FloatGrid {
  int mantissa = 23;        ///< m, 1..23
  int min_exponent = -126;  ///< 1 - bias
  double largest = 0.0;     ///< largest finite value; larger magnitudes become it
  bool truncate = false;    ///< rounding: truncation of the magnitude instead of nearest even
};

/// Addition into a float accumulator: the sum is exact, then rounded once; zero has no sign; no infinities.
/// A state is the bit pattern of the binary64 of the same value (every accumulator value is a binary64 exactly), so +0
/// is 0 and vector kernels need no decoding. bits() is what the hardware stores: 1 + e + m.
class FloatAccumulate {
 public:
  /// Magnitudes of addends must be below 2^61: room for every group sum that units accept (58 bits).
  static constexpr std::int64_t kMaxAddend = std::int64_t{1} << 61;

  /// Throws SpecError: e in 2..8, m in 1..23, |bias| <= 512, rounding nearest even or toward zero.
  explicit FloatAccumulate(const FloatAccumulator& format);

  /// state = round(state + s * 2^u), |s| < kMaxAddend, |u| <= 1000. True if the result saturated.
  bool add(std::int64_t& state, std::int64_t s, int u) const;
  /// The value as an odd (or zero) mantissa and an exponent.
  [[nodiscard]] DotUnit::Exact exact(std::int64_t state) const;
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] const FloatGrid& grid() const { return grid_; }

 private:
  FloatGrid grid_;
  unsigned bits_ = 32;
};

}  // namespace lnsim::numerics
