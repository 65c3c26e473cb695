// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/vrr.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {
namespace {

// Sums over i of the full-swamping terms q_i are taken term by term below kDirectTerms, beyond it as
//   sum_{a..b} f(i) = integral_{a-1/2}^{b+1/2} f - (f'(b+1/2) - f'(a-1/2)) / 24 + remainder
// (Euler and Maclaurin, midpoints), the integral by Gauss-Legendre on blocks [A, 2A].
// Error: for complex z with Re z > 1, |erfc(c / sqrt z)| <= 1, hence |q(z)| <= 2 and, by Cauchy on a circle of radius
// x - 1, |q''''(x)| <= 48 / (x - 1)^4. The remainder is at most 7/5760 of the integral of |f''''|: 0.02 / D^3 for the
// sum of q, and for that of the weighted terms, at most 2n + x in size, 0.06 n / D^3 + 0.06 / D^2: below 2e-13 and,
// over n, 2e-13 at D = 2^13. On [A, 2A] the integrand is analytic inside the Bernstein ellipse of rho = 5.8, so that 20
// nodes leave 5.8^-40 = 3e-31 of its bound. The divisor k is above 0.5 (smallest found by scanning
// m_p <= 24, m_acc < 30, n = 2^13..2^50), which leaves, with the rounding of the sums, less than kRetentionErrorBound.
constexpr std::uint64_t kDirectTerms = std::uint64_t{1} << 13;
constexpr unsigned kNodes = 20;

double two_q(double x) { return std::erfc(x / std::numbers::sqrt2); }
double one_minus_two_q(double x) { return std::erf(x / std::numbers::sqrt2); }

/// 2^(m_acc - 3 m_p) / 3 * sum_{j=1..last} 2^j (2^j - 1) (2^(j+1) - 1); exact but for the division where m_p <= 17.
double swamped_bits(unsigned m_acc, unsigned m_p, unsigned last) {
  double sum = 0.0;
  for (unsigned j = 1; j <= last; ++j) {
    const int exponent = static_cast<int>(j + m_acc) - 3 * static_cast<int>(m_p);
    sum += std::ldexp((std::ldexp(1.0, static_cast<int>(j)) - 1.0) * (std::ldexp(2.0, static_cast<int>(j)) - 1.0),
                      exponent);
  }
  return sum / 3.0;
}

/// The probability q(i) that the sum is fully swamped at element i, for real i >= 2, and its derivative.
class FullSwamping {
 public:
  explicit FullSwamping(unsigned m_acc) : reach_(std::ldexp(1.0, static_cast<int>(m_acc))) {}

  [[nodiscard]] double value(double i) const {
    return two_q(reach_ / std::sqrt(i)) * one_minus_two_q(reach_ / std::sqrt(i - 1.0));
  }
  [[nodiscard]] double slope(double i) const {
    return rise(i) * one_minus_two_q(reach_ / std::sqrt(i - 1.0)) - two_q(reach_ / std::sqrt(i)) * rise(i - 1.0);
  }

 private:
  /// d/dx of 2Q(reach / sqrt(x)).
  [[nodiscard]] double rise(double x) const {
    const double u = reach_ / std::sqrt(2.0 * x);
    return u / x * std::numbers::inv_sqrtpi * std::exp(-u * u);
  }

  double reach_;
};

/// Sums over the events of swamping: of their weights, and of weight times variance lost (elements).
struct Sums {
  double weight = 0.0;
  double lost = 0.0;

  void add(double event_weight, double event_lost) {
    weight += event_weight;
    lost += event_weight * event_lost;
  }
};

/// Adds the events i = first..last, each of which keeps i - alpha of n elements, far from the origin.
void add_smooth(Sums& sums, const FullSwamping& q, double first, double last, double n, double alpha) {
  using Gauss = boost::math::quadrature::gauss<double, kNodes>;
  const auto lost = [&](double i) { return (n - i + alpha) * q.value(i); };
  const auto lost_slope = [&](double i) { return (n - i + alpha) * q.slope(i) - q.value(i); };
  const double begin = first - 0.5;
  const double end = last + 0.5;
  for (double at = begin; at < end; at *= 2.0) {
    const double to = std::min(2.0 * at, end);
    sums.weight += Gauss::integrate([&](double i) { return q.value(i); }, at, to);
    sums.lost += Gauss::integrate(lost, at, to);
  }
  sums.weight -= (q.slope(end) - q.slope(begin)) / 24.0;
  sums.lost -= (lost_slope(end) - lost_slope(begin)) / 24.0;
}

void add_full_swamping(Sums& sums, unsigned m_acc, unsigned m_p, std::uint64_t n) {
  const double alpha = swamped_bits(m_acc, m_p, m_p);
  const auto length = static_cast<double>(n);
  if (!(alpha < length)) return;
  const FullSwamping q(m_acc);
  std::uint64_t i = std::max<std::uint64_t>(2, static_cast<std::uint64_t>(std::floor(alpha)) + 1);
  for (; i < n && i < kDirectTerms; ++i) {
    const auto at = static_cast<double>(i);
    sums.add(q.value(at), length - at + alpha);
  }
  if (i < n) add_smooth(sums, q, static_cast<double>(i), length - 1.0, length, alpha);
}

void add_partial_swamping(Sums& sums, unsigned m_acc, unsigned m_p, std::uint64_t n) {
  const auto length = static_cast<double>(n);
  const double root = std::sqrt(length);
  for (unsigned r = 2; r <= m_p; ++r) {
    const double alpha = swamped_bits(m_acc, m_p, r - 1);
    if (!(length > alpha)) continue;
    const double reach = std::ldexp(1.0, static_cast<int>(m_acc + r) - static_cast<int>(m_p));
    sums.add(reach * two_q(0.5 * reach / root) * one_minus_two_q(reach / root), alpha);
  }
}

/// 1 - VRR of one stage; from the variance lost, so that n (1 - VRR) does not cancel where VRR is near 1.
double variance_lost(unsigned m_acc, unsigned m_p, std::uint64_t n) {
  Sums sums;
  add_full_swamping(sums, m_acc, m_p, n);
  add_partial_swamping(sums, m_acc, m_p, n);
  const double reach = std::ldexp(2.0, static_cast<int>(m_acc) - static_cast<int>(m_p));
  const auto length = static_cast<double>(n);
  sums.add(one_minus_two_q(reach / std::sqrt(length)), 0.0);
  return sums.lost / (sums.weight * length);
}

std::uint64_t sparse_length(std::uint64_t n, double non_zero_ratio) {
  const double kept = std::floor(non_zero_ratio * static_cast<double>(n) + 0.5);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(kept));
}

unsigned floor_log2(std::uint64_t x) {
  unsigned result = 0;
  while ((x >>= 1U) != 0) ++result;
  return result;
}

void check(const char* name, std::uint64_t value, std::uint64_t high) {
  if (value >= 1 && value <= high) return;
  throw SpecError(std::string(name) + ": " + std::to_string(value) + ", expected 1 to " + std::to_string(high));
}

void check(const Accumulation& sum, unsigned accumulator_mantissa) {
  check("m_acc", accumulator_mantissa, Accumulation::kMaxBits);
  check("m_p", sum.product_mantissa, Accumulation::kMaxBits);
  check("n", sum.length, Accumulation::kMaxLength);
  if (sum.chunk) check("chunk", *sum.chunk, Accumulation::kMaxLength);
  if (!(sum.non_zero_ratio >= 0.0 && sum.non_zero_ratio <= 1.0)) {
    throw SpecError("nzr: " + std::to_string(sum.non_zero_ratio) + ", expected 0 to 1");
  }
}

bool meets_criterion(const Accumulation& sum, unsigned accumulator_mantissa) {
  return retention(sum, accumulator_mantissa).ln_v < std::log(kMaxVarianceLost);
}

}  // namespace

Retention retention(const Accumulation& sum, unsigned accumulator_mantissa) {
  check(sum, accumulator_mantissa);
  const std::uint64_t n1 = sum.chunk ? std::min(*sum.chunk, sum.length) : sum.length;
  const std::uint64_t inner = sparse_length(n1, sum.non_zero_ratio);
  const double inner_lost = variance_lost(accumulator_mantissa, sum.product_mantissa, inner);
  Retention result{1.0 - inner_lost, static_cast<double>(inner) * inner_lost};
  const std::uint64_t chunks = sum.length / n1 + (sum.length % n1 != 0 ? 1 : 0);
  if (chunks == 1) return result;
  // A chunk's sum has grown by log2 of its length, as far as the accumulator can hold it.
  const unsigned grown = std::min(accumulator_mantissa, sum.product_mantissa + floor_log2(n1));
  const double outer_lost = variance_lost(accumulator_mantissa, grown, chunks);
  result.vrr *= 1.0 - outer_lost;
  result.ln_v += static_cast<double>(chunks) * outer_lost;
  return result;
}

unsigned least_mantissa(const Accumulation& sum) {
  for (unsigned bits = 1; bits <= Accumulation::kMaxBits; ++bits) {
    if (meets_criterion(sum, bits)) return bits;
  }
  throw SpecError("no accumulator of up to " + std::to_string(Accumulation::kMaxBits) +
                  " mantissa bits is wide enough");
}

std::uint64_t knee_length(const Accumulation& sum, unsigned accumulator_mantissa) {
  Accumulation probe = sum;
  const auto meets = [&](std::uint64_t length) {
    probe.length = length;
    return meets_criterion(probe, accumulator_mantissa);
  };
  if (!meets(1)) return 0;
  std::uint64_t good = 1;
  std::uint64_t bad = 2;
  while (meets(bad)) {
    good = bad;
    if (bad == Accumulation::kMaxLength) return good;
    bad *= 2;
  }
  while (bad - good > 1) {
    const std::uint64_t middle = good + (bad - good) / 2;
    (meets(middle) ? good : bad) = middle;
  }
  return good;
}

}  // namespace lnsim::numerics
