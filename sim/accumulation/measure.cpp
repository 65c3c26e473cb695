// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/measure.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/data/random.hpp"
#include "sim/numerics/float_accumulator.hpp"

namespace lnsim {
namespace {

constexpr unsigned kMostProductBits = 52;

/// significand * 2^exponent.
struct Product {
  std::int64_t significand = 0;
  int exponent = 0;
};

class Products {
 public:
  explicit Products(const RetentionExperiment& experiment)
      : bits_(static_cast<int>(experiment.sum.product_mantissa)),
        non_zero_ratio_(experiment.sum.non_zero_ratio),
        random_(experiment.seed) {}

  Product next() {
    if (non_zero_ratio_ < 1.0 && uniform() >= non_zero_ratio_) return {};
    int exponent = 0;
    const double fraction = std::frexp(next_normal(random_), &exponent);  // [1/2, 1): bits_ + 1 significant bits
    return {std::llrint(std::ldexp(fraction, bits_ + 1)), exponent - bits_ - 1};
  }

 private:
  /// [0, 1)
  double uniform() { return std::ldexp(static_cast<double>(random_.next() >> 11U), -53); }

  int bits_;
  double non_zero_ratio_;
  Xoshiro256 random_;
};

/// One sum, accumulated and exact (binary64 holds sums of such products to far more bits than the accumulator).
struct Sums {
  double accumulated = 0.0;
  double exact = 0.0;
};

double value_of(const numerics::DotUnit::Exact& exact) {
  return std::ldexp(static_cast<double>(exact.mantissa), exact.exponent);
}

Sums one_sum(const numerics::FloatAccumulate& unit, const numerics::Accumulation& sum, Products& products,
             std::uint64_t& saturations) {
  const std::uint64_t chunk = std::min(sum.chunk.value_or(sum.length), sum.length);
  const bool chunked = chunk < sum.length;
  double exact = 0.0;
  std::int64_t outer = 0;
  std::int64_t inner = 0;
  for (std::uint64_t begin = 0; begin < sum.length; begin += chunk) {
    inner = 0;
    const std::uint64_t end = std::min(begin + chunk, sum.length);
    for (std::uint64_t i = begin; i < end; ++i) {
      const Product product = products.next();
      if (product.significand == 0) continue;
      saturations += unit.add(inner, product.significand, product.exponent) ? 1U : 0U;
      exact += std::ldexp(static_cast<double>(product.significand), product.exponent);
    }
    if (!chunked) continue;
    const numerics::DotUnit::Exact of_chunk = unit.exact(inner);
    saturations += unit.add(outer, of_chunk.mantissa, of_chunk.exponent) ? 1U : 0U;
  }
  return {value_of(unit.exact(chunked ? outer : inner)), exact};
}

void check(const RetentionExperiment& experiment) {
  (void)numerics::retention(experiment.sum, experiment.accumulator.mantissa);  // throws for fields out of range
  if (experiment.sum.product_mantissa > kMostProductBits) {
    throw numerics::SpecError("m_p: " + std::to_string(experiment.sum.product_mantissa) + ", expected 1 to " +
                              std::to_string(kMostProductBits));
  }
  if (experiment.trials < 2) throw numerics::SpecError("trials: expected at least 2");
}

}  // namespace

MeasuredRetention measure_retention(const RetentionExperiment& experiment) {
  check(experiment);
  const numerics::FloatAccumulate unit(experiment.accumulator);
  Products products(experiment);
  MeasuredRetention result;
  std::vector<Sums> squares;
  squares.reserve(experiment.trials);
  Sums total;
  for (std::uint64_t trial = 0; trial < experiment.trials; ++trial) {
    const Sums sums = one_sum(unit, experiment.sum, products, result.saturations);
    squares.push_back({sums.accumulated * sums.accumulated, sums.exact * sums.exact});
    total.accumulated += squares.back().accumulated;
    total.exact += squares.back().exact;
  }
  if (!(total.exact > 0.0)) throw numerics::SpecError("nzr: all products of all sums are zero");
  result.vrr = total.accumulated / total.exact;
  // Variance of a ratio of means: that of the residuals, over the squared mean of the denominator.
  double residuals = 0.0;
  for (const Sums& square : squares) {
    const double residual = square.accumulated - result.vrr * square.exact;
    residuals += residual * residual;
  }
  const auto trials = static_cast<double>(experiment.trials);
  result.half_width = kNormalQuantile * std::sqrt(residuals * trials / (trials - 1.0)) / total.exact;
  return result;
}

}  // namespace lnsim
