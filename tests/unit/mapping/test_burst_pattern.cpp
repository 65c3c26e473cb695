// SPDX-License-Identifier: Apache-2.0
// Bursts in closed form against a walk over every element.
#include <catch2/catch.hpp>
#include <set>

#include "sim/mapping/burst_pattern.hpp"
#include "tests/unit/workload/conv_cases.hpp"

namespace lnsim {
namespace {

/// Disjoint runs in order, with gaps shorter and longer than a burst.
StridedRuns random_runs(test::Random& random) {
  StridedRuns runs;
  std::uint64_t next = random.between(0, 300);
  const std::uint64_t parts = random.between(1, 5);
  for (std::uint64_t i = 0; i < parts; ++i) {
    StridedRun run;
    run.first = next + random.between(0, random.flip() ? 3 : 400);
    run.length = random.between(1, random.flip() ? 4 : 200);
    run.count = random.flip() ? 1 : random.between(2, 40);
    if (run.count > 1) run.stride = run.length + random.between(1, random.flip() ? 10 : 500);
    runs.push_back(run);
    next = run.end();
  }
  return runs;
}

}  // namespace

TEST_CASE("a pattern of bursts is the bursts of its elements") {
  test::Random random(20261126);
  for (int round = 0; round < 400; ++round) {
    const StridedRuns runs = random_runs(random);
    const auto bits = static_cast<unsigned>(random.between(1, 33));
    const std::uint64_t burst_bytes = std::uint64_t{8} << random.between(0, 4);
    const BurstPattern pattern(runs, bits, burst_bytes);
    std::set<std::uint64_t> bursts;
    for (const StridedRun& run : runs) {
      for (std::uint64_t i = 0; i < run.count * run.length; ++i) {
        const std::uint64_t element = run.first + i / run.length * run.stride + i % run.length;
        for (std::uint64_t bit = element * bits; bit < (element + 1) * bits; ++bit)
          bursts.insert(bit / (8 * burst_bytes));
      }
    }
    INFO("round " << round << ", " << bits << " bits, bursts of " << burst_bytes << " bytes");
    REQUIRE(pattern.total() == bursts.size());
    std::vector<std::uint64_t> visited;
    pattern.for_each_range([&](std::uint64_t first, std::uint64_t last) {
      for (std::uint64_t burst = first; burst <= last; ++burst) visited.push_back(burst);
    });
    REQUIRE(visited == std::vector<std::uint64_t>(bursts.begin(), bursts.end()));
    // The place of the burst that completes an element.
    for (const StridedRun& run : runs) {
      const std::uint64_t copy = random.between(0, run.count - 1);
      const std::uint64_t element = run.first + copy * run.stride + random.between(0, run.length - 1);
      const std::uint64_t burst = ((element + 1) * bits - 1) / (8 * burst_bytes);
      const auto before = static_cast<std::uint64_t>(std::distance(bursts.begin(), bursts.upper_bound(burst)));
      REQUIRE(pattern.up_to(element) == before);
    }
  }
}

}  // namespace lnsim
