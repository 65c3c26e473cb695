// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace lnsim::numerics {

/// A sum of products in a floating-point accumulator, as the variance retention ratio sees it (Sakr et al.,
/// "Accumulation Bit-Width Scaling for Ultra-Low Precision Training of Deep Networks", ICLR 2019, arXiv 1901.06588).
struct Accumulation {
  static constexpr unsigned kMaxBits = 64;                             ///< of either mantissa
  static constexpr std::uint64_t kMaxLength = std::uint64_t{1} << 50;  ///< of n and chunk

  unsigned product_mantissa = 5;  ///< m_p, bits; 5 for products of FP8 (1, 5, 2) operands
  std::uint64_t length = 1;       ///< n, products per sum
  /// n1, products per chunk: chunks are summed first, each from zero, then their sums.
  std::optional<std::uint64_t> chunk;
  double non_zero_ratio = 1.0;  ///< NZR, fraction of products that are not zero, 0 to 1
};

struct Retention {
  double vrr = 1.0;   ///< variance of the sum in the accumulator over that of the exact sum
  double ln_v = 0.0;  ///< n (1 - VRR), summed over the two stages of a chunked sum; ln of the paper's v(n)
};

/// An accumulator is wide enough while ln_v < ln 50, the criterion of the paper.
inline constexpr double kMaxVarianceLost = 50.0;

/// Bound of the absolute error of vrr and, per element of the sum, of ln_v (derived in vrr.cpp).
inline constexpr double kRetentionErrorBound = 1e-10;

/// What an accumulator of `accumulator_mantissa` bits keeps. The formula assumes rounding to nearest; it does not hold
/// for truncation. Constant time in n beyond 2^13. Throws SpecError for a field out of range.
[[nodiscard]] Retention retention(const Accumulation& sum, unsigned accumulator_mantissa);

/// The least m_acc >= 1 that meets the criterion; throws SpecError also if none up to kMaxBits does.
[[nodiscard]] unsigned least_mantissa(const Accumulation& sum);

/// The knee of the VRR curve: the largest n (sum.length is not used) before the criterion is first missed, found by
/// doubling, then bisection, so taking ln_v as non-decreasing in n. 0 if n = 1 misses it; kMaxLength if nothing does.
[[nodiscard]] std::uint64_t knee_length(const Accumulation& sum, unsigned accumulator_mantissa);

}  // namespace lnsim::numerics
