// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_output.hpp"

#include <catch2/catch.hpp>

using namespace lnsim;

TEST_CASE("shards take every design once, in shares that differ by one at most", "[sweep]") {
  const auto size = GENERATE(as<std::uint64_t>{}, 0, 1, 7, 12, 1000, 1ULL << 40U);
  const auto of = GENERATE(as<std::uint64_t>{}, 1, 2, 3, 5, 13, 1000);
  std::uint64_t next = 0;
  for (std::uint64_t index = 1; index <= of; ++index) {
    const SweepShard shard{index, of};
    REQUIRE(shard.first(size) == next);
    next = shard.end(size);
    const std::uint64_t share = next - shard.first(size);
    CHECK((share == size / of || share == size / of + 1));
  }
  CHECK(next == size);
}
