// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sensitivity.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace lnsim;

namespace {

/// A full grid of two axes with three and two values, and a metric of both.
template <class Metric>
SweepResults grid(const Metric& metric) {
  SweepResults results;
  results.axes = {"x", "y"};
  results.metrics = {"m"};
  for (const int x : {1, 2, 4}) {
    for (const char* y : {"a", "b"}) {
      StoredDesign design;
      design.values = {Json(x), Json(y)};
      design.metrics = {metric(static_cast<double>(x), *y == 'a' ? 1.0 : 10.0)};
      results.designs.push_back(design);
    }
  }
  return results;
}

}  // namespace

TEST_CASE("an axis that alone decides a metric has all of its variation", "[sensitivity]") {
  const auto effects = sensitivities(grid([](double x, double) { return 3 * x; }));
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].axis == "x");
  CHECK(effects[0].metric == "m");
  CHECK(effects[0].share == Approx(1.0));
  CHECK(effects[0].factor == Approx(4.0));
  CHECK(effects[1].share == Approx(0.0).margin(1e-12));
  CHECK(effects[1].factor == Approx(1.0));
}

TEST_CASE("shares of factors that multiply add up to one", "[sensitivity]") {
  const auto effects = sensitivities(grid([](double x, double y) { return x * y; }));
  // Variances of ln over {1, 2, 4} and {1, 10}.
  const double of_x = 2.0 / 3.0 * std::log(2.0) * std::log(2.0);
  const double of_y = std::log(10.0) * std::log(10.0) / 4.0;
  CHECK(effects[0].share == Approx(of_x / (of_x + of_y)));
  CHECK(effects[1].share == Approx(of_y / (of_x + of_y)));
  CHECK(effects[1].factor == Approx(10.0));
}

TEST_CASE("what only both axes together decide is nobody's", "[sensitivity]") {
  const auto effects = sensitivities(grid([](double x, double y) {
    return x == 2 ? 1.0 : (x == 1) == (y == 1) ? 2.0 : 0.5;
  }));
  CHECK(effects[0].share == Approx(0.0).margin(1e-12));
  CHECK(effects[1].share == Approx(0.0).margin(1e-12));
}

TEST_CASE("a metric that is zero or negative somewhere has shares but no factor", "[sensitivity]") {
  const auto effects = sensitivities(grid([](double x, double) { return x - 2; }));
  CHECK(effects[0].share == Approx(1.0));
  CHECK(effects[0].factor == 0.0);
}

TEST_CASE("a metric that never changes, or is not finite, is moved by nothing", "[sensitivity]") {
  for (const double value : {0.1, 0.0, 1e300, std::numeric_limits<double>::infinity(), std::nan("")}) {
    for (const Sensitivity& effect : sensitivities(grid([&](double, double) { return value; }))) {
      CAPTURE(value);
      CHECK(effect.share == 0.0);
      CHECK(effect.factor == 0.0);
    }
  }
  CHECK(sensitivities(SweepResults()).empty());
}
