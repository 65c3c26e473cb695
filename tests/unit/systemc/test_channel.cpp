// SPDX-License-Identifier: Apache-2.0
// Channels, counters and stall charging: plain classes, tested without a clock.
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "sim/systemc/channel.hpp"
#include "sim/systemc/stalls.hpp"

namespace lnsim::systemc {
namespace {

/// Words that a full producer and a hungry consumer pass in so many cycles; the producer runs first or last.
std::vector<std::uint64_t> stream(Channel<std::uint64_t>& channel, std::uint64_t cycles, bool producer_first) {
  std::vector<std::uint64_t> arrivals;
  std::uint64_t sent = 0;
  for (std::uint64_t now = 0; now < cycles; ++now) {
    const auto produce = [&] {
      if (channel.ready(now)) channel.push(now, sent++);
    };
    const auto consume = [&] {
      if (!channel.valid(now)) return;
      CHECK(channel.front() == arrivals.size());
      channel.pop(now);
      arrivals.push_back(now);
    };
    if (producer_first) produce();
    consume();
    if (!producer_first) produce();
  }
  return arrivals;
}

}  // namespace

TEST_CASE("a word pushed in cycle c with latency d is seen from cycle c + d on, not before") {
  for (const std::uint64_t latency : {1U, 2U, 5U}) {
    Channel<int> channel(2, latency);
    channel.push(10, 7);
    CHECK_FALSE(channel.valid(10 + latency - 1));
    REQUIRE(channel.valid(10 + latency));
    CHECK(channel.front() == 7);
  }
}

TEST_CASE("depth 2 sustains a word per cycle at any latency, depth 1 half of that at latency 1") {
  for (const std::uint64_t latency : {1U, 2U, 3U, 8U}) {
    Channel<std::uint64_t> channel(2, latency);
    const auto arrivals = stream(channel, 100, true);
    CHECK(arrivals.size() == 100 - latency);
    CHECK(arrivals.front() == latency);
  }
  Channel<std::uint64_t> single(1, 1);
  CHECK(stream(single, 100, true).size() == 50);
}

TEST_CASE("arrivals do not depend on whether producer or consumer runs first in a cycle") {
  for (const std::uint64_t depth : {1U, 2U, 4U}) {
    for (const std::uint64_t latency : {1U, 3U}) {
      Channel<std::uint64_t> first(depth, latency), last(depth, latency);
      CHECK(stream(first, 60, true) == stream(last, 60, false));
    }
  }
}

TEST_CASE("a channel holds depth + latency - 1 words, a pop frees its slot one cycle later") {
  Channel<int> channel(3, 2);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(channel.ready(0));
    channel.push(0, i);
  }
  CHECK_FALSE(channel.ready(0));
  channel.pop(2);
  CHECK_FALSE(channel.ready(2));
  CHECK(channel.ready(3));
}

TEST_CASE("a word that travels longer holds back those behind it: order is kept") {
  Channel<int> channel(4, 1);
  channel.push_later(0, 1, 5);
  channel.push(1, 2);
  CHECK_FALSE(channel.valid(5));
  REQUIRE(channel.valid(6));
  channel.pop(6);
  CHECK(channel.valid(6));
  CHECK(channel.front() == 2);
}

TEST_CASE("payloads travel with their words through a channel that wraps around") {
  Channel<int> channel(3, 1, 2);
  for (std::uint64_t i = 0; i < 20; ++i) {
    channel.back_payload()[0] = static_cast<std::byte>(i);
    channel.back_payload()[1] = static_cast<std::byte>(100 + i);
    channel.push(2 * i, static_cast<int>(i));
    REQUIRE(channel.valid(2 * i + 1));
    CHECK(channel.front_payload()[0] == static_cast<std::byte>(i));
    CHECK(channel.front_payload()[1] == static_cast<std::byte>(100 + i));
    channel.pop(2 * i + 1);
  }
}

TEST_CASE("what is added to a counter in a cycle is seen from the next one on") {
  Progress progress;
  progress.add(4, 2);
  progress.add(4, 3);
  CHECK(progress.seen(4) == 0);
  CHECK(progress.seen(5) == 5);
  progress.add(5, 1);
  CHECK(progress.seen(5) == 5);
  CHECK(progress.total() == 6);
}

TEST_CASE("a listener is woken by an addition only while it sleeps") {
  struct Listener final : Sleeper {
    void wake() override { ++woken; }
    void set(bool asleep) { asleep_ = asleep; }
    int woken = 0;
  } listener;
  Progress progress;
  progress.set_listener(&listener);
  progress.add(1, 1);
  CHECK(listener.woken == 0);
  listener.set(true);
  progress.add(2, 1);
  CHECK(listener.woken == 1);
}

TEST_CASE("a gap is charged whole to the constraint that ended last") {
  Stalls<3> stalls({"a", "b", "c"});
  stalls.busy(0);
  stalls.blocked(1, 0b011);
  stalls.blocked(2, 0b110);
  stalls.blocked(3, 0b100);  // c holds the block in the last cycle of the gap
  stalls.busy(4);
  std::map<std::string, std::uint64_t> out;
  stalls.report(out, 5, 0);
  CHECK((out == std::map<std::string, std::uint64_t>{{"busy", 2}, {"a", 0}, {"b", 0}, {"c", 3}}));
}

TEST_CASE("of several constraints that end in the same cycle the first in the list is charged") {
  Stalls<3> stalls({"a", "b", "c"});
  stalls.blocked(0, 0b100);
  stalls.blocked(1, 0b110);
  stalls.busy(2);
  std::map<std::string, std::uint64_t> out;
  stalls.report(out, 3, 0);
  CHECK(out["b"] == 2);
  CHECK(out["c"] == 0);
}

TEST_CASE(
    "cycles that a block slept through belong to the gap that was open, those after its last action to the tail") {
  Stalls<2> stalls({"a", "tail"});
  stalls.blocked(0, 0b01);
  stalls.busy(7);  // asleep from cycle 1 to 6
  std::map<std::string, std::uint64_t> out;
  stalls.report(out, 20, 1);
  CHECK((out == std::map<std::string, std::uint64_t>{{"busy", 1}, {"a", 7}, {"tail", 12}}));
}

TEST_CASE("more busy and blocked cycles than the pass had break a law") {
  Stalls<1> stalls({"a"});
  stalls.busy(0, 11);
  std::map<std::string, std::uint64_t> out;
  CHECK_THROWS_AS(stalls.report(out, 10, 0), SimulationError);
}

}  // namespace lnsim::systemc
