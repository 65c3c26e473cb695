// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/accumulation/measure.hpp"
#include "sim/numerics/format.hpp"

namespace lnsim {
namespace {

using numerics::Rounding;

RetentionExperiment experiment(std::uint64_t n, unsigned bits, Rounding rounding = Rounding::kNearestEven) {
  RetentionExperiment result;
  result.sum.length = n;
  result.accumulator.mantissa = bits;
  result.accumulator.rounding = rounding;
  result.trials = 1000;
  return result;
}

/// Whether the 95 % interval allows that `bits` is the least mantissa that keeps 0.99 of the variance: it reaches 0.99,
/// and that of one bit less stays below. The VRR at the least mantissa is close to 0.99, so that a comparison without
/// the interval would test the seed.
void check_least_measured(std::uint64_t n, Rounding rounding, unsigned bits) {
  constexpr double kEnough = 0.99;
  RetentionExperiment enough = experiment(n, bits, rounding);
  enough.trials = rounding == Rounding::kNearestEven ? 40000 : 2000;  // where one bit less is resolved from 0.99
  RetentionExperiment short_of_one = enough;
  --short_of_one.accumulator.mantissa;
  const MeasuredRetention kept = measure_retention(enough);
  const MeasuredRetention less = measure_retention(short_of_one);
  INFO(n << " " << bits << ": " << kept.vrr << " +- " << kept.half_width << ", one less: " << less.vrr << " +- "
         << less.half_width);
  CHECK(kept.vrr + kept.half_width >= kEnough);
  CHECK(less.vrr + less.half_width < kEnough);
}

}  // namespace

TEST_CASE("a wide accumulator keeps all variance and a narrow one does not") {
  const MeasuredRetention wide = measure_retention(experiment(256, 23));
  CHECK(wide.vrr == Approx(1.0).margin(1e-6));
  CHECK(wide.half_width < 1e-6);
  CHECK(wide.saturations == 0);
  const MeasuredRetention narrow = measure_retention(experiment(4096, 2));
  CHECK(narrow.vrr + narrow.half_width < 0.9);
}

TEST_CASE("the least mantissas are those of an independent measurement, many more with truncation") {
  // Independent measurement on Gaussian products: 4, 5, 6 bits to nearest, 10, 11, 13 with truncation.
  check_least_measured(64, Rounding::kNearestEven, 4);
  check_least_measured(256, Rounding::kNearestEven, 5);
  check_least_measured(1024, Rounding::kNearestEven, 6);
  check_least_measured(64, Rounding::kTowardZero, 10);
  check_least_measured(256, Rounding::kTowardZero, 11);
  check_least_measured(1024, Rounding::kTowardZero, 13);
}

TEST_CASE("chunks keep more than one long sum") {
  RetentionExperiment long_sum = experiment(4096, 4);
  RetentionExperiment chunked = long_sum;
  chunked.sum.chunk = 64;
  const MeasuredRetention one = measure_retention(long_sum);
  const MeasuredRetention many = measure_retention(chunked);
  CHECK(many.vrr - many.half_width > one.vrr + one.half_width);
  chunked.sum.chunk = 4096;
  CHECK(measure_retention(chunked).vrr == one.vrr);
}

TEST_CASE("the interval shrinks as the root of the trials") {
  RetentionExperiment few = experiment(1024, 4);
  RetentionExperiment many = few;
  many.trials = 16 * few.trials;
  const double ratio = measure_retention(few).half_width / measure_retention(many).half_width;
  CHECK(ratio > 3.0);
  CHECK(ratio < 5.5);
}

TEST_CASE("an experiment is a function of its seed") {
  RetentionExperiment one = experiment(512, 5);
  CHECK(measure_retention(one).vrr == measure_retention(one).vrr);
  RetentionExperiment other = one;
  other.seed = 2;
  CHECK(measure_retention(one).vrr != measure_retention(other).vrr);
}

TEST_CASE("impossible experiments are refused") {
  RetentionExperiment bad = experiment(64, 8);
  bad.trials = 1;
  CHECK_THROWS_AS(measure_retention(bad), numerics::SpecError);
  bad = experiment(64, 8, Rounding::kFloor);
  CHECK_THROWS_AS(measure_retention(bad), numerics::SpecError);
  bad = experiment(0, 8);
  CHECK_THROWS_AS(measure_retention(bad), numerics::SpecError);
  bad = experiment(64, 8);
  bad.sum.product_mantissa = 53;
  CHECK_THROWS_AS(measure_retention(bad), numerics::SpecError);
  bad.sum.product_mantissa = 5;
  bad.sum.non_zero_ratio = 0.0;
  CHECK_THROWS_AS(measure_retention(bad), numerics::SpecError);
}

}  // namespace lnsim
