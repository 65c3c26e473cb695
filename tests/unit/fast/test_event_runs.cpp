// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/event_runs.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

namespace lnsim::fast {
namespace {

/// Freed vectors kept one event at a time.
struct PlainFrees {
  struct Event {
    Cycle cycle;
    std::uint64_t vectors;
  };
  std::vector<Event> events;

  [[nodiscard]] Cycle seen(std::uint64_t count) const {
    std::uint64_t sum = 0;
    for (const Event& event : events) {
      sum += event.vectors;
      if (sum >= count) return event.cycle + 1;
    }
    return kUnknown;
  }
};

}  // namespace

TEST_CASE("credits kept as runs are those of the single events, and so is what lies ahead") {
  std::mt19937_64 random(7);
  const auto draw = [&](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
  for (int round = 0; round < 300; ++round) {
    FreedVectors runs;
    PlainFrees plain;
    Cycle cycle = draw(0, 5);
    std::uint64_t count = 0, step = 1;
    for (int action = 0; action < 60; ++action) {
      if (draw(0, 2) == 0) {
        const std::uint64_t events = draw(1, 4), vectors = draw(1, 3);
        const Cycle period = draw(1, 3);
        runs.add({cycle, period, events}, vectors);
        for (std::uint64_t i = 0; i < events; ++i) plain.events.push_back({cycle + i * period, vectors});
        cycle += (events - 1) * period + draw(1, 3);
      }
      const EventRun ahead = runs.ahead(count + step, step);
      for (std::uint64_t i = 0; i < ahead.count && i < 50; ++i) {
        const std::uint64_t asked = count + (i + 1) * step;
        REQUIRE(ahead.cycle + i * ahead.period == plain.seen(asked));
      }
      if (plain.seen(count + step) == kUnknown) {
        REQUIRE(runs.seen(count + step) == kUnknown);
      } else {
        count += step;
        REQUIRE(runs.seen(count) == plain.seen(count));
        step = draw(1, 3);
      }
    }
  }
}

TEST_CASE("arrivals join where they are evenly spaced and come out one by one as they went in") {
  Arrivals arrivals;
  for (const Cycle cycle : {3U, 5U, 7U, 9U, 14U, 15U}) arrivals.add({cycle, 0, 1});
  arrivals.add({16, 1, 3});
  CHECK(arrivals.front().count == 4);
  CHECK(arrivals.take(3) == 7);
  CHECK(arrivals.take(1) == 9);
  CHECK(arrivals.front().count == 5);
  for (const Cycle cycle : {14U, 15U, 16U, 17U, 18U}) CHECK(arrivals.take(1) == cycle);
  CHECK(arrivals.empty());
}

TEST_CASE("events repeat while they are in step with the period or too early to matter") {
  // In step: the same part in every maximum, whether it is the largest or not.
  CHECK(like_before({20, 10, 7}, 10, 5, 10) == 7);
  CHECK(like_before({20, 0, 1}, 10, 5, 10) == 1);
  // The first is in step, those after it are not, and the event is the one that counts.
  CHECK(like_before({20, 9, 7}, 10, 5, 10) == 1);
  // Early and not slower than the period: never matters.
  CHECK(like_before({14, 10, 7}, 3, 5, 10) == 7);
  CHECK(like_before({15, 4, 7}, 3, 5, 10) == 7);
  CHECK(like_before({16, 4, 7}, 3, 5, 10) == 0);
  // Early but slower: 13, 25, 37 against 15, 25, 35.
  CHECK(like_before({13, 12, 7}, 3, 5, 10) == 2);
  // It counted before and is not in step now.
  CHECK(like_before({11, 10, 7}, 6, 5, 10) == 0);
  CHECK(like_before({}, 6, 5, 10) == 0);
}

}  // namespace lnsim::fast
