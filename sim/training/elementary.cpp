// SPDX-License-Identifier: Apache-2.0
#include "sim/training/elementary.hpp"

#include <cmath>

#include "sim/data/random.hpp"

namespace lnsim::training {

double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact: m in [1/2, 1)
  constexpr double kSqrtHalf = 0.70710678118654752440;
  if (m < kSqrtHalf) {
    m *= 2.0;
    --exponent;
  }
  // ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| <= 0.1716: the series' term of s^19 is below 1e-15.
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double sum = 0.0;
  for (int n = 19; n >= 1; n -= 2) sum = sum * s2 + 1.0 / n;
  constexpr double kLn2 = 0.69314718055994530942;
  return 2.0 * s * sum + exponent * kLn2;
}

double portable_exp_or_zero(double x) { return x < -700.0 ? 0.0 : portable_exp(x); }

double portable_tanh(double x) {
  constexpr double kSaturated = 20.0;  // 1 - tanh 20 < 2^-56
  if (x > kSaturated) return 1.0;
  if (x < -kSaturated) return -1.0;
  const double e = portable_exp(2.0 * x);
  return (e - 1.0) / (e + 1.0);
}

}  // namespace lnsim::training
