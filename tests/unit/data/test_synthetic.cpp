// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "sim/data/synthetic.hpp"

using namespace lnsim;

namespace {

std::vector<double> values(const SyntheticTensor& tensor, std::uint64_t first, std::size_t count) {
  std::vector<double> result(count);
  tensor.fill(first, result);
  return result;
}

}  // namespace

TEST_CASE("a seed, layer and tensor name give the values of the documented algorithm", "[data]") {
  // Printed by synthetic_golden.py.
  const SyntheticTensor tensor(7, "conv1", "weight", {DistributionKind::kNormal, 1.0});
  CHECK(values(tensor, 0, 4) == std::vector<double>{-0x1.1fa1p+0, 0x1.612ep+0, 0x1.a194p-1, 0x1.65f8p-2});
  CHECK(values(tensor, 1024, 2) == std::vector<double>{0x1.cafcp-1, 0x1.5937p+0});
}

TEST_CASE("values do not depend on the order or the size of the parts asked for", "[data]") {
  for (const auto kind : {DistributionKind::kNormal, DistributionKind::kRelu, DistributionKind::kLogNormal}) {
    const SyntheticTensor tensor(11, "layer", "x", {kind, 0.5});
    const std::vector<double> whole = values(tensor, 0, 5000);
    for (const std::uint64_t first : {4000U, 17U, 1023U, 1024U, 1025U, 0U}) {
      for (const std::size_t count : {1U, 40U, 1000U}) {
        const std::vector<double> part = values(tensor, first, count);
        CHECK(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)));
      }
    }
  }
}

TEST_CASE("activations are about half zeros and never negative", "[data]") {
  const SyntheticTensor tensor(1, "l", "x", usual_distribution({"x", Role::kActivation, 100000}));
  const std::vector<double> x = values(tensor, 0, 100000);
  const auto zeros = std::count(x.begin(), x.end(), 0.0);
  CHECK(zeros > 49000);
  CHECK(zeros < 51000);
  CHECK(*std::min_element(x.begin(), x.end()) == 0.0);
}

TEST_CASE("weights have the spread of a square layer's fan-in, in every pass", "[data]") {
  const Tensor weight{"weight", Role::kWeight, 1 << 16};
  const SyntheticTensor tensor(1, "l", "weight", usual_distribution(weight));
  double squares = 0.0;
  for (const double x : values(tensor, 0, weight.elements)) squares += x * x;
  CHECK(std::sqrt(squares / static_cast<double>(weight.elements)) == Approx(1.0 / 16.0).epsilon(0.02));
}

TEST_CASE("gradients are log-normal with random signs", "[data]") {
  const SyntheticTensor tensor(1, "l", "dy", usual_distribution({"dy", Role::kGradient, 100000}));
  const std::vector<double> x = values(tensor, 0, 100000);
  double logs = 0.0;
  double squares = 0.0;
  for (const double value : x) {
    const double log = std::log(std::fabs(value) * 256.0);
    logs += log;
    squares += log * log;
  }
  CHECK(logs / 1e5 == Approx(0.0).margin(0.02));
  CHECK(squares / 1e5 == Approx(1.0).epsilon(0.02));
  const auto negative = std::count_if(x.begin(), x.end(), [](double value) { return value < 0.0; });
  CHECK(negative > 49000);
  CHECK(negative < 51000);
}

TEST_CASE("masks and indices have no values", "[data]") {
  CHECK_THROWS_AS(usual_distribution({"mask", Role::kMask, 5}), std::invalid_argument);
  CHECK_THROWS_AS(usual_distribution({"ids", Role::kIndex, 5, 4}), std::invalid_argument);
}
