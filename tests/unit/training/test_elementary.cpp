// SPDX-License-Identifier: Apache-2.0
#include "sim/training/elementary.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/training/loss.hpp"
#include "sim/training/trainer.hpp"

using namespace lnsim::training;

TEST_CASE("the logarithm is that of the mathematical library", "[training]") {
  for (double x = 1e-300; x < 1e300; x *= 1.37) CHECK(portable_log(x) == Approx(std::log(x)).epsilon(1e-13));
  for (double x = 0.5; x < 2.0; x += 0.01) CHECK(std::fabs(portable_log(x) - std::log(x)) < 1e-14);
  CHECK(portable_log(1.0) == 0.0);
}

TEST_CASE("the hyperbolic tangent is that of the mathematical library", "[training]") {
  for (double x = -30.0; x < 30.0; x += 0.037) CHECK(std::fabs(portable_tanh(x) - std::tanh(x)) < 1e-13);
  CHECK(portable_tanh(1e300) == 1.0);
  CHECK(portable_tanh(-1e300) == -1.0);
}

TEST_CASE("exponentials far below zero are zero", "[training]") {
  CHECK(portable_exp_or_zero(-701.0) == 0.0);
  CHECK(portable_exp_or_zero(-1e300) == 0.0);
  CHECK(portable_exp_or_zero(0.0) == 1.0);
}

TEST_CASE("schedules fall from 1 as they should", "[training]") {
  CHECK(schedule_factor(Schedule::kConstant, 7, 10) == 1.0);
  CHECK(schedule_factor(Schedule::kCosine, 0, 10) == 1.0);
  for (std::uint64_t step = 0; step < 10; ++step) {
    const double expected = 0.5 * (1.0 + std::cos(3.14159265358979323846 * static_cast<double>(step) / 10.0));
    CHECK(schedule_factor(Schedule::kCosine, step, 10) == Approx(expected).epsilon(1e-12));
  }
  CHECK(schedule_factor(Schedule::kStep, 4, 10) == 1.0);
  CHECK(schedule_factor(Schedule::kStep, 5, 10) == 0.1);
  CHECK(schedule_factor(Schedule::kStep, 8, 10) == 0.01);
}

TEST_CASE("cross-entropy, its gradient and its count of hits", "[training]") {
  const std::vector<double> outputs{1.0, 2.0, 0.5, -1.0, -1.0, 3.0};
  const std::vector<std::uint16_t> labels{1, 0};
  std::vector<double> gradient(outputs.size());
  const LossSum sum = cross_entropy(outputs, labels, 0.5, gradient);
  const auto nll = [&](std::size_t row) {
    double total = 0.0;
    for (std::size_t i = 0; i < 3; ++i) total += std::exp(outputs[row * 3 + i]);
    return std::log(total) - outputs[row * 3 + labels[row]];
  };
  CHECK(sum.loss == Approx(nll(0) + nll(1)).epsilon(1e-12));
  CHECK(sum.correct == 1);
  CHECK(sum.samples == 2);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    constexpr double kStep = 1e-6;
    std::vector<double> above = outputs;
    std::vector<double> below = outputs;
    above[i] += kStep;
    below[i] -= kStep;
    const double slope =
        (cross_entropy(above, labels, 1.0, {}).loss - cross_entropy(below, labels, 1.0, {}).loss) / (2.0 * kStep);
    CHECK(gradient[i] == Approx(0.5 * slope).margin(1e-8));
  }
}

TEST_CASE("cross-entropy stays finite for far outputs", "[training]") {
  std::vector<double> gradient(2);
  const LossSum sum = cross_entropy(std::vector<double>{1e5, -1e5}, std::vector<std::uint16_t>{1}, 1.0, gradient);
  CHECK(sum.loss == 2e5);
  CHECK(gradient == std::vector<double>{1.0, -1.0});
}
