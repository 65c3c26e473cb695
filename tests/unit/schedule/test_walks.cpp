// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <tuple>

#include "sim/schedule/walks.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

/// Runs `check` on schedules of random cases.
void for_random_schedules(int cases, const std::function<void(const GemmSchedule&)>& check) {
  int legal = 0;
  for (std::uint64_t seed = 1; legal < cases && seed < 100000; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    ++legal;
    check(schedule_gemms(made->plan));
  }
  CHECK(legal == cases);
}

std::vector<PeWalk> pe_walks(const GemmSchedule& schedule) {
  std::vector<PeWalk> walks;
  const PeArrayParams& array = schedule.config().accelerator.pe_array;
  for (std::uint64_t r = 0; r < array.rows; ++r) {
    for (std::uint64_t c = 0; c < array.columns; ++c) walks.emplace_back(schedule, r, c);
  }
  return walks;
}

std::tuple<std::size_t, std::uint64_t, std::uint64_t, std::uint64_t> position(const PeTile& tile) {
  return {tile.step_index, tile.block, tile.chunk, tile.lane_group};
}

}  // namespace

TEST_CASE("the tiles of all PEs cover every (m, n) of every batch index once per k tile, and k in ascending order") {
  for_random_schedules(150, [](const GemmSchedule& schedule) {
    // (gemm, output offset, a row, b row) -> k reached so far
    std::map<std::tuple<std::uint32_t, std::int64_t, std::uint64_t, std::uint64_t>, std::uint64_t> reached;
    std::vector<std::pair<std::size_t, PeTile>> tiles;
    for (PeWalk& walk : [&] { return pe_walks(schedule); }()) {
      for (; !walk.done(); walk.next()) tiles.emplace_back(walk.tile().step_index, walk.tile());
    }
    std::stable_sort(tiles.begin(), tiles.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    for (const auto& [index, tile] : tiles) {
      const Step& step = *tile.step;
      const std::uint64_t v = schedule.config().accelerator.pe.vector_size;
      REQUIRE((tile.groups - 1) * v + tile.last_elements == step.k_size);
      for (std::uint64_t a = 0; a < tile.lanes; ++a) {
        for (std::uint64_t b = 0; b < tile.rows; ++b) {
          auto& k = reached[{step.gemm, step.out_offset, step.a_begin + tile.a_row + a, step.b_begin + tile.b_row + b}];
          REQUIRE(k == step.k_begin);
          k += step.k_size;
        }
      }
    }
    std::uint64_t outputs = 0;
    for (const Gemm& gemm : schedule.pass().gemms) outputs += gemm.m * gemm.n * gemm.count();
    REQUIRE(reached.size() == outputs);
    for (const auto& [where, k] : reached) REQUIRE(k == schedule.pass().gemms[std::get<0>(where)].k);
  });
}

TEST_CASE("a PE's walk goes block, B chunk, lane group and marks first and last uses") {
  for_random_schedules(80, [](const GemmSchedule& schedule) {
    for (PeWalk& walk : [&] { return pe_walks(schedule); }()) {
      bool first = true;
      PeTile before;
      for (; !walk.done(); walk.next()) {
        const PeTile tile = walk.tile();
        if (!first) REQUIRE(position(before) < position(tile));
        const bool same_block = !first && before.step_index == tile.step_index && before.block == tile.block;
        REQUIRE(tile.first_chunk == (tile.chunk == 0));
        REQUIRE(tile.first_lane_group == (tile.lane_group == 0));
        if (!first) REQUIRE((before.last_chunk && before.last_lane_group) == !same_block);
        before = tile;
        first = false;
      }
      if (!first) REQUIRE((before.last_chunk && before.last_lane_group));
    }
  });
}

TEST_CASE("the units of operand A are what the PEs of each row read for the first time, in their order") {
  for_random_schedules(80, [](const GemmSchedule& schedule) {
    const PeArrayParams& array = schedule.config().accelerator.pe_array;
    const std::uint64_t v = schedule.config().accelerator.pe.vector_size;
    for (std::uint64_t r = 0; r < array.rows; ++r) {
      AUnitWalk units(schedule);
      const auto skip = [&] {
        while (!units.done() && units.unit().target != r) units.next();
      };
      skip();
      // Column 0 has rows of B in every step.
      for (PeWalk walk(schedule, r, 0); !walk.done(); walk.next()) {
        const PeTile tile = walk.tile();
        if (!tile.first_chunk) continue;
        for (std::uint64_t g = 0; g < tile.groups; ++g) {
          REQUIRE_FALSE(units.done());
          const Unit unit = units.unit();
          REQUIRE((unit.step_index == tile.step_index && unit.row == tile.a_row && unit.vectors == tile.lanes));
          REQUIRE((unit.k == g * v && unit.elements == (g + 1 == tile.groups ? tile.last_elements : v)));
          units.next();
          skip();
        }
      }
      REQUIRE(units.done());
    }
  });
}

TEST_CASE("the units of operand B are what the PEs of each column read for the first time, in their order") {
  for_random_schedules(80, [](const GemmSchedule& schedule) {
    const PeArrayParams& array = schedule.config().accelerator.pe_array;
    for (std::uint64_t c = 0; c < array.columns; ++c) {
      BUnitWalk units(schedule);
      const auto skip = [&] {
        while (!units.done() && units.unit().target != c) units.next();
      };
      skip();
      // Row 0 has all blocks of every step.
      for (PeWalk walk(schedule, 0, c); !walk.done(); walk.next()) {
        const PeTile tile = walk.tile();
        if (!tile.first_lane_group) continue;
        for (std::uint64_t g = 0; g < tile.groups; ++g) {
          REQUIRE_FALSE(units.done());
          const Unit unit = units.unit();
          REQUIRE((unit.step_index == tile.step_index && unit.row == tile.b_row && unit.vectors == tile.rows));
          units.next();
          skip();
        }
      }
      REQUIRE(units.done());
    }
  });
}

TEST_CASE("the last unit of each tile is marked once per step and stream") {
  for_random_schedules(40, [](const GemmSchedule& schedule) {
    std::uint64_t a = 0, b = 0;
    for (AUnitWalk walk(schedule); !walk.done(); walk.next()) a += walk.unit().last_of_tile ? 1 : 0;
    for (BUnitWalk walk(schedule); !walk.done(); walk.next()) b += walk.unit().last_of_tile ? 1 : 0;
    REQUIRE(a == schedule.steps().size());
    REQUIRE(b == schedule.steps().size());
  });
}

TEST_CASE("tiles drain in the order in which operands are sent, each PE's in its own order") {
  for_random_schedules(80, [](const GemmSchedule& schedule) {
    std::vector<PeWalk> walks = pe_walks(schedule);
    std::uint64_t index = 0;
    std::optional<std::tuple<std::size_t, std::uint64_t, std::uint64_t, std::uint64_t>> before;
    for (DrainWalk drains(schedule); !drains.done(); drains.next()) {
      REQUIRE(drains.index() == index++);
      REQUIRE((!before || *before <= position(drains.tile())));
      before = position(drains.tile());
      PeWalk& own = walks[drains.pe()];
      REQUIRE((!own.done() && position(own.tile()) == position(drains.tile())));
      own.next();
    }
    REQUIRE(index == schedule.total_tiles());
    for (const PeWalk& walk : walks) REQUIRE(walk.done());
  });
}

TEST_CASE("a store's chunk is complete in the drained tiles that it waits for") {
  for_random_schedules(120, [](const GemmSchedule& schedule) {
    std::vector<PeTile> drained;
    for (DrainWalk walk(schedule); !walk.done(); walk.next()) drained.push_back(walk.tile());
    for (const DmaJob& job : schedule.jobs()) {
      if (job.kind != JobKind::kStore || job.chunks.size() < 2) continue;
      const Step& step = schedule.steps()[job.step];
      // Outputs of the step that have drained when each chunk may leave: whole rows of B, from the first on.
      std::uint64_t rows_before = 0;
      for (const StoreChunk& chunk : job.chunks) {
        std::uint64_t outputs = 0;
        std::uint64_t last_row = 0;
        for (std::uint64_t i = step.tile_base; i < chunk.drained; ++i) {
          REQUIRE(drained[i].step_index == job.step);
          outputs += drained[i].outputs();
          last_row = std::max(last_row, drained[i].b_row + drained[i].rows);
        }
        REQUIRE(last_row > rows_before);
        REQUIRE(outputs == last_row * step.a_rows);
        rows_before = last_row;
      }
      REQUIRE(rows_before == step.b_rows);
    }
  });
}

}  // namespace lnsim
