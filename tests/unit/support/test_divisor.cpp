// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>

#include "sim/support/divisor.hpp"

using namespace lnsim;

namespace {

void check(std::uint64_t x, std::uint64_t divisor) {
  CAPTURE(x, divisor);
  const Divisor::Result result = Divisor(divisor).divide(x);
  CHECK(result.quotient == x / divisor);
  CHECK(result.remainder == x % divisor);
}

constexpr std::uint64_t kAll = ~std::uint64_t{0};

}  // namespace

TEST_CASE("a divisor divides exactly at the ends of the range") {
  for (const std::uint64_t divisor :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{64}, std::uint64_t{2133},
        std::uint64_t{1} << 32, std::uint64_t{1} << 63, kAll - 1, kAll}) {
    for (const std::uint64_t x :
         {std::uint64_t{0}, std::uint64_t{1}, divisor - 1, divisor, divisor + 1, kAll / 2, kAll - 1, kAll}) {
      check(x, divisor);
    }
  }
}

TEST_CASE("a divisor divides as a division does, whatever the sizes") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t divisor = (random() >> (random() % 64)) | 1U;
    std::uint64_t x = random() >> (random() % 64);
    check(x, divisor);
    check(x - x % divisor, divisor);  // exact multiples, and one below
    check(x - x % divisor - 1, divisor);
  }
}
