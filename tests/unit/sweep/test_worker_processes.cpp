// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <set>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/worker_processes.hpp"

namespace lnsim {
namespace {

using Tick = std::function<void(std::uint64_t)>;

const WorkProgress kSilent = [](std::size_t, std::uint64_t, bool) {};

TraceEntry entry_of(std::size_t unit) {
  TraceEntry entry;
  entry.layer = "unit" + std::to_string(unit);
  entry.cycles = 1000 + unit;
  return entry;
}

TEST_CASE("Results are in the order of the units, whatever the order of the work") {
  const auto results = run_in_processes(
      {3, 1, 0, 2}, 2, [](std::size_t unit, const Tick&) { return entry_of(unit); }, kSilent);
  REQUIRE(results.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(results[i].layer == "unit" + std::to_string(i));
}

TEST_CASE("Work is done in other processes, of which there are as many as jobs") {
  const auto results = run_in_processes(
      {0, 1, 2, 3, 4, 5}, 3,
      [](std::size_t unit, const Tick&) {
        TraceEntry entry = entry_of(unit);
        entry.cycles = static_cast<std::uint64_t>(::getpid());
        ::usleep(20000);
        return entry;
      },
      kSilent);
  std::set<std::uint64_t> processes;
  for (const TraceEntry& entry : results) processes.insert(entry.cycles);
  CHECK(processes.size() == 3);
  CHECK(processes.count(static_cast<std::uint64_t>(::getpid())) == 0);
}

TEST_CASE("Progress reports the cycles of each unit and its end") {
  std::vector<std::uint64_t> last(2, 0);
  std::vector<bool> done(2, false);
  (void)run_in_processes(
      {0, 1}, 2,
      [](std::size_t unit, const Tick& tick) {
        tick(unit + 1);
        return entry_of(unit);
      },
      [&](std::size_t unit, std::uint64_t cycles, bool ended) {
        CHECK(cycles >= last[unit]);
        last[unit] = cycles;
        done[unit] = ended;
      });
  CHECK(last == std::vector<std::uint64_t>{1000, 1001});
  CHECK((done[0] && done[1]));
}

TEST_CASE("Errors of a worker arrive as their own type") {
  const auto run = [](auto error) {
    (void)run_in_processes(
        {0, 1}, 2,
        [&](std::size_t unit, const Tick&) -> TraceEntry {
          if (unit == 1) throw error;
          return entry_of(unit);
        },
        kSilent);
  };
  CHECK_THROWS_AS(run(OverflowError("too large")), OverflowError);
  CHECK_THROWS_WITH(run(SimulationError("a law is broken")), "a law is broken");
  CHECK_THROWS_WITH(run(std::logic_error("a bug")), "a bug");
  try {
    run(InputError("map.json", "/gemms/0", "17", "a multiple of 32"));
    FAIL("no error");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) == "map.json: /gemms/0: 17, expected a multiple of 32");
    CHECK(error.problems().front().where == "/gemms/0");
  }
}

TEST_CASE("Of several errors the lowest unit's is reported") {
  for (const std::vector<std::size_t>& order : {std::vector<std::size_t>{4, 3, 2, 1, 0}, {2, 4, 0, 1, 3}}) {
    CHECK_THROWS_WITH(run_in_processes(
                          order, 2,
                          [](std::size_t unit, const Tick&) -> TraceEntry {
                            if (unit >= 1) throw SimulationError("unit " + std::to_string(unit));
                            return entry_of(unit);
                          },
                          kSilent),
                      "unit 1");
  }
}

TEST_CASE("A worker that dies is an error, not a hang") {
  CHECK_THROWS_AS(run_in_processes(
                      {0, 1, 2}, 2,
                      [](std::size_t unit, const Tick&) -> TraceEntry {
                        if (unit == 1) ::raise(SIGKILL);
                        return entry_of(unit);
                      },
                      kSilent),
                  SimulationError);
}

}  // namespace
}  // namespace lnsim
