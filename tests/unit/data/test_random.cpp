// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/data/random.hpp"

using namespace lnsim;

TEST_CASE("SplitMix64 gives the published sequence of seed 0", "[data]") {
  SplitMix64 mixer(0);
  CHECK(mixer.next() == 0xE220A8397B1DCDAFULL);
  CHECK(mixer.next() == 0x6E789E6AA1B965F4ULL);
  CHECK(mixer.next() == 0x06C45D188009454FULL);
}

TEST_CASE("nearly normal numbers have mean 0, variance 1, kurtosis 2.9, and stay within 6", "[data]") {
  Xoshiro256 random(3);
  constexpr int kCount = 1 << 20;
  double sum = 0.0;
  double squares = 0.0;
  double fourths = 0.0;
  double largest = 0.0;
  for (int i = 0; i < kCount; ++i) {
    const double x = next_normal(random);
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
    largest = std::max(largest, std::fabs(x));
  }
  CHECK(sum / kCount == Approx(0.0).margin(0.005));
  CHECK(squares / kCount == Approx(1.0).epsilon(0.005));
  CHECK(fourths / kCount == Approx(2.9).epsilon(0.02));
  CHECK(largest > 4.0);
  CHECK(largest < 6.0);
}

TEST_CASE("portable_exp keeps its stated error", "[data]") {
  for (double x = -700.0; x <= 700.0; x += 0.3711) {
    CHECK(std::fabs(portable_exp(x) / std::exp(x) - 1.0) < 1e-13);
  }
  CHECK(portable_exp(0.0) == 1.0);
}

TEST_CASE("streams differ by seed, layer and tensor, and by where a name ends", "[data]") {
  CHECK(stream_seed(1, "a", "b") == stream_seed(1, "a", "b"));
  CHECK(stream_seed(1, "a", "b") != stream_seed(2, "a", "b"));
  CHECK(stream_seed(1, "a", "b") != stream_seed(1, "b", "a"));
  CHECK(stream_seed(1, "ab", "c") != stream_seed(1, "a", "bc"));
}
