// SPDX-License-Identifier: Apache-2.0
// Where data lie: every transfer has as many addresses as bursts, and they are those of its elements.
#include <catch2/catch.hpp>

#include <set>

#include "sim/schedule/dram_address.hpp"
#include "tests/support/banked_dram.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

std::vector<std::uint64_t> bursts_of(const BurstList& list) {
  std::vector<std::uint64_t> bursts;
  for (BurstCursor cursor(list); !cursor.done(); cursor.next()) bursts.push_back(cursor.address());
  return bursts;
}

}  // namespace

TEST_CASE("the address map counts channels first and rows last") {
  BankedDram dram;
  dram.channels = 2, dram.bank_groups = 3, dram.banks_per_group = 5, dram.ranks = 2, dram.rows = 7;
  dram.row_bytes = 4 * dram.burst_bytes();
  const AddressMap map(dram, dram.burst_bytes());
  std::uint64_t burst = 0;
  for (std::uint64_t row = 0; row < 7; ++row)
    for (std::uint32_t rank = 0; rank < 2; ++rank)
      for (std::uint32_t bank = 0; bank < 5; ++bank)
        for (std::uint32_t column = 0; column < 4; ++column)
          for (std::uint32_t group = 0; group < 3; ++group)
            for (std::uint32_t channel = 0; channel < 2; ++channel) {
              const BankAddress at = map.of(burst++);
              REQUIRE(at.channel == channel);
              REQUIRE(at.rank == rank);
              REQUIRE(at.group == rank * 3 + group);
              REQUIRE(at.bank == (rank * 3 + group) * 5 + bank);
              REQUIRE(at.row == row);
            }
  CHECK(map.of(burst).row == 0);  // beyond the memory: from the start
}

TEST_CASE("bursts of one list without those of another") {
  using Ranges = std::vector<BurstRange>;
  CHECK(without({{0, 10}}, {}) == Ranges{{0, 10}});
  CHECK(without({{0, 10}}, {{0, 10}}) == Ranges{});
  CHECK(without({{0, 10}, {20, 5}}, {{3, 2}, {9, 1}, {20, 1}, {24, 1}}) == Ranges{{0, 3}, {5, 4}, {21, 3}});
  CHECK(burst_count({{0, 10}, {20, 5}}) == 15);
}

TEST_CASE("transfers have an address for each burst, each once, and stores of a tile never share one") {
  int cases = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    test::Choices choices(seed);
    auto made = test::random_case(choices);
    if (!made) continue;
    ++cases;
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    const GemmSchedule plain = schedule_gemms(made->plan);
    made->plan.config.accelerator.dram.model = DramModel::kBanked;
    const GemmSchedule schedule = schedule_gemms(made->plan);
    REQUIRE(schedule.jobs().size() == plain.jobs().size());
    for (std::size_t i = 0; i < schedule.jobs().size(); ++i) {
      const DmaJob& job = schedule.jobs()[i];
      CHECK(job.bursts == plain.jobs()[i].bursts);
      const std::vector<std::uint64_t> loads = bursts_of(job.addresses);
      REQUIRE(loads.size() == job.bursts);
      CHECK(std::is_sorted(loads.begin(), loads.end()));
      CHECK(std::set<std::uint64_t>(loads.begin(), loads.end()).size() == loads.size());
      std::set<std::uint64_t> stored;
      std::size_t bursts = 0;
      for (const StoreChunk& chunk : job.chunks) {
        const std::vector<std::uint64_t> part = bursts_of(chunk.addresses);
        REQUIRE(part.size() == chunk.bursts);
        CHECK(std::is_sorted(part.begin(), part.end()));
        stored.insert(part.begin(), part.end());
        bursts += part.size();
      }
      CHECK(stored.size() == bursts);
    }
  }
  CHECK(cases > 60);
}

TEST_CASE("partial sums come back from where they went") {
  int reloads = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    test::Choices choices(seed);
    auto made = test::random_case(choices);
    if (!made) continue;
    made->plan.config.accelerator.dram.model = DramModel::kBanked;
    const GemmSchedule schedule = schedule_gemms(made->plan);
    std::set<std::uint64_t> spilled;
    for (const DmaJob& job : schedule.jobs()) {
      if (!job.partial_sums) continue;
      for (const StoreChunk& chunk : job.chunks) {
        for (const std::uint64_t burst : bursts_of(chunk.addresses)) spilled.insert(burst);
      }
      for (const std::uint64_t burst : bursts_of(job.addresses)) {
        REQUIRE(spilled.count(burst) == 1);
        ++reloads;
      }
    }
  }
  CHECK(reloads > 0);
}

}  // namespace lnsim
