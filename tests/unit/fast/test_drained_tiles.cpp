// SPDX-License-Identifier: Apache-2.0
// Runs of drained tiles are what the same tiles are one by one.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/fast/drained_tiles.hpp"
#include "tests/support/choices.hpp"

namespace lnsim::fast {
namespace {

/// Stores that ask for some of so many tiles.
std::vector<DmaJob> random_stores(test::Choices& choices, std::uint64_t tiles) {
  std::vector<DmaJob> jobs;
  for (std::uint64_t asked = choices.between(1, 9); asked <= tiles; asked += choices.between(0, 9)) {
    if (jobs.empty() || choices.flip()) jobs.emplace_back().kind = JobKind::kStore;
    jobs.back().chunks.push_back({asked, 1, {}});
  }
  return jobs;
}

std::vector<Cycle> events(const std::vector<EventRun>& runs) {
  std::vector<Cycle> all;
  for (const EventRun& run : runs) {
    for (std::uint64_t i = 0; i < run.count; ++i) all.push_back(run.cycle + i * run.period);
  }
  return all;
}

}  // namespace

TEST_CASE("a run of drained tiles is as many tiles one by one") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    test::Choices choices(seed);
    INFO("seed " << seed);
    const std::vector<DmaJob> jobs = random_stores(choices, 60);
    DrainedTiles in_runs(jobs), one_by_one(jobs);
    std::vector<EventRun> log_of_runs, log_of_tiles;
    const bool keeps = choices.flip();
    for (DrainedTiles* tiles : {&in_runs, &one_by_one}) {
      if (keeps) tiles->keep_for_preloads();
      tiles->log(tiles == &in_runs ? &log_of_runs : &log_of_tiles);
    }
    Cycle cycle = 0;
    std::uint64_t keep = 0;
    for (std::uint64_t drained = 0; drained < 60;) {
      if (keeps && choices.flip()) {
        keep = std::max(keep, drained + choices.between(0, 5));
        in_runs.forget_before(keep);
        one_by_one.forget_before(keep);
      }
      const EventRun run{cycle, choices.between(1, 4), choices.between(1, 12)};
      in_runs.add_run(run);
      for (std::uint64_t i = 0; i < run.count; ++i) one_by_one.add(run.cycle + i * run.period);
      drained += run.count;
      cycle += run.count * run.period + choices.between(0, 3);
      REQUIRE(in_runs.total() == one_by_one.total());
      REQUIRE(in_runs.until_asked() == one_by_one.until_asked());
      REQUIRE(in_runs.for_preload() == one_by_one.for_preload());
      DrainedTiles::Mark mark, expected;
      in_runs.mark(mark);
      one_by_one.mark(expected);
      REQUIRE(mark.asked == expected.asked);
      REQUIRE(mark.first == expected.first);
      REQUIRE(events(mark.recent) == events(expected.recent));
    }
    REQUIRE(events(log_of_runs) == events(log_of_tiles));
  }
}

}  // namespace lnsim::fast
