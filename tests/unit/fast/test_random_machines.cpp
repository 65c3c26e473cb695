// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/fast/engine.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {

TEST_CASE("random passes on random machines end, obey the laws and charge every cycle") {
  int cases = 0;
  for (std::uint64_t seed = 5000; seed < 5600; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    ++cases;
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    const GemmSchedule schedule = schedule_gemms(made->plan);
    // run_gemms asserts the laws; stalls that exceed the cycles, and machines that cannot go on, throw.
    RunResult result;
    REQUIRE_NOTHROW(result = fast::run_gemms(schedule));
    REQUIRE(result.cycles > 0);
    for (const auto& [module, causes] : result.stalls) {
      std::uint64_t sum = 0;
      for (const auto& [cause, cycles] : causes) sum += cycles;
      INFO(module);
      REQUIRE(sum % result.cycles == 0);
      REQUIRE(sum / result.cycles >= 1);
    }
  }
  CHECK(cases > 300);
}

TEST_CASE("equal passes give equal entries") {
  for (std::uint64_t seed = 6000; seed < 6020; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    const TraceEntry first = fast::simulate_pass(made->plan);
    const TraceEntry second = fast::simulate_pass(made->plan);
    CHECK(first.cycles == second.cycles);
    CHECK(first.stalls == second.stalls);
    CHECK(first.counts == second.counts);
  }
}

}  // namespace lnsim
