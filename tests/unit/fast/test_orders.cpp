// SPDX-License-Identifier: Apache-2.0
// The engine walks tiles and units by itself; the schedule's walks say in which order and how many.
#include <catch2/catch.hpp>

#include "sim/fast/machine.hpp"
#include "sim/fast/tile_order.hpp"
#include "sim/schedule/walks.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

/// Words, word hops and vectors that the units of an operand bring to PE buffers.
struct Traffic {
  std::uint64_t words = 0, hops = 0, vectors = 0, transposed = 0;
};

template <class Walk>
Traffic traffic(const GemmSchedule& schedule, bool is_a) {
  const PeArrayParams& array = schedule.config().accelerator.pe_array;
  Traffic sum;
  for (Walk walk(schedule); !walk.done(); walk.next()) {
    const Unit& unit = walk.unit();
    const StepShape shape = schedule.shape(*unit.step);
    std::uint64_t farthest = 0, pes = 0;
    for (std::uint64_t i = 0; i < (is_a ? array.columns : array.rows); ++i) {
      const bool works =
          is_a ? shape.b_rows(*unit.step, i) > 0 : shape.a_rows(*unit.step, i) > unit.block * shape.block;
      if (works) farthest = 1 + unit.target + i, ++pes;
    }
    sum.words += unit.words;
    sum.hops += unit.words * farthest;
    sum.vectors += unit.vectors * pes;
    if (unit.transposed) sum.transposed += unit.vectors;
  }
  return sum;
}

}  // namespace

TEST_CASE("tiles come in the order of the schedule's drain walk") {
  int cases = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    ++cases;
    const GemmSchedule schedule = schedule_gemms(made->plan);
    INFO("seed " << seed);
    fast::TileOrder order(schedule);
    for (DrainWalk walk(schedule); !walk.done(); walk.next(), order.next()) {
      REQUIRE(!order.done());
      REQUIRE(order.index() == walk.index());
      REQUIRE(order.pe() == walk.pe());
      REQUIRE(order.step_index() == walk.tile().step_index);
      REQUIRE(order.outputs() == walk.tile().outputs());
    }
    CHECK(order.done());
  }
  CHECK(cases > 50);
}

TEST_CASE("ports and links move the words of the schedule's unit walks") {
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    const GemmSchedule schedule = schedule_gemms(made->plan);
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    const RunResult result = fast::run_gemms(schedule);
    const Traffic a = traffic<AUnitWalk>(schedule, true), b = traffic<BUnitWalk>(schedule, false);
    CHECK(result.counts[Action::kGlobalBufferAWords] == a.words);
    CHECK(result.counts[Action::kGlobalBufferBWords] == b.words);
    CHECK(result.counts[Action::kNetworkAWordHops] == a.hops);
    CHECK(result.counts[Action::kNetworkBWordHops] == b.hops);
    CHECK(result.counts[Action::kBufferAWriteVectors] == a.vectors);
    CHECK(result.counts[Action::kBufferBWriteVectors] == b.vectors);
    CHECK(result.counts[Action::kTransposerAVectors] == a.transposed);
    CHECK(result.counts[Action::kTransposerBVectors] == b.transposed);
  }
}

}  // namespace lnsim
