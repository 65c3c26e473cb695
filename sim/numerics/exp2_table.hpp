// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace lnsim::numerics {

/// An unevaluated sum hi + lo of about 106 bits, |lo| <= ulp(hi) / 2.
struct DoubleDouble {
  double hi = 0.0;
  double lo = 0.0;
};

/// 2^(numerator / 2^log2_denominator) in [1, 2), with a relative error below 2^-98.
/// numerator < 2^log2_denominator <= 2^20.
[[nodiscard]] DoubleDouble exp2_fraction(std::uint32_t numerator, unsigned log2_denominator);

/// floor(2^(i/L) * 2^fraction_bits + 1/2), i < L = 2^log2_entries, fraction_bits <= 60: an entry of the conversion
/// table of an LNS unit. Exact: for i > 0 the argument of the floor is irrational and the error of exp2_fraction is far
/// below its distance to an integer for every table in use.
[[nodiscard]] std::int64_t exp2_constant(std::uint32_t i, unsigned log2_entries, unsigned fraction_bits);

/// Decides log2 of a mantissa to the nearest multiple of 1/gamma by one table look-up and one comparison.
/// A bucket is the first log2(gamma) + 1 bits of the mantissa; it holds at most one threshold 2^((i + 1/2) / gamma).
class Log2Rounder {
 public:
  /// gamma a power of two up to 2^15.
  explicit Log2Rounder(unsigned gamma);

  /// rhe(gamma * log2(1 + fraction / 2^52)), 0..gamma, exact: no tie exists.
  [[nodiscard]] unsigned round(std::uint64_t fraction) const {
    const Bucket& bucket = buckets_[fraction >> bucket_shift_];
    return bucket.below + (fraction >= bucket.threshold ? 1U : 0U);
  }

 private:
  struct Bucket {
    std::uint64_t threshold = 0;  ///< fraction bits of the smallest binary64 above the threshold in this bucket
    unsigned below = 0;           ///< thresholds in the buckets before
  };
  unsigned bucket_shift_;
  std::vector<Bucket> buckets_;
};

/// What formats of one gamma share.
struct Exp2Tables {
  explicit Exp2Tables(unsigned gamma);
  Log2Rounder rounder;
  std::vector<double> powers;  ///< 2^(i / gamma), i = 0..gamma-1, correctly rounded
};

}  // namespace lnsim::numerics
