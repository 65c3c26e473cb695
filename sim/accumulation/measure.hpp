// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/vrr.hpp"

namespace lnsim {

inline constexpr double kNormalQuantile = 1.96;  ///< of the standard normal, 97.5 %

/// An experiment: sums of random products in a floating-point accumulator.
struct RetentionExperiment {
  /// m_p (at most 52), n, chunk, NZR. Unlike in the formula, n is not shortened where NZR < 1: products are zero at
  /// random.
  numerics::Accumulation sum;
  /// Exponent, mantissa, bias and rounding (nearest even or toward zero), of both stages of a chunked sum.
  numerics::FloatAccumulator accumulator;
  std::uint64_t trials = 400;  ///< independent sums, at least 2
  std::uint64_t seed = 1;
};

/// A ratio of variances with its 95 % confidence interval (delta method, normal quantile 1.96).
struct MeasuredRetention {
  double vrr = 1.0;
  double half_width = 0.0;
  std::uint64_t saturations = 0;  ///< accumulator updates beyond its largest value
};

/// Adds products one by one, each rounded to m_p mantissa bits, of mean 0 and variance 1 and nearly normal
/// (next_normal), and compares the second moment of the results with that of the exact sums. Same bits on every
/// machine for a seed. Throws numerics::SpecError for a field out of range and where all exact sums are zero.
[[nodiscard]] MeasuredRetention measure_retention(const RetentionExperiment& experiment);

}  // namespace lnsim
