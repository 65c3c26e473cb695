// SPDX-License-Identifier: Apache-2.0
// Footprints of tiles against an enumeration of every (row, k) through OperandView::element.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sim/mapping/footprint.hpp"
#include "sim/mapping/tile_layouts.hpp"
#include "sim/support/error.hpp"
#include "sim/workload/gemm_lowering.hpp"
#include "tests/unit/workload/conv_cases.hpp"

namespace lnsim {
namespace {

struct Tile {
  std::uint64_t row_begin, row_end, k_begin, k_end;
};

std::vector<Run> enumerate(const OperandView& view, const Tile& tile) {
  std::set<std::uint64_t> elements;
  for (std::uint64_t row = tile.row_begin; row < tile.row_end; ++row) {
    for (std::uint64_t k = tile.k_begin; k < tile.k_end; ++k) {
      if (const auto element = view.element(row, k)) elements.insert(*element);
    }
  }
  std::vector<Run> runs;
  for (const std::uint64_t element : elements) {
    if (!runs.empty() && runs.back().first + runs.back().length == element) {
      ++runs.back().length;
    } else {
      runs.push_back({element, 1});
    }
  }
  return runs;
}

Tile random_tile(const OperandView& view, test::Random& random) {
  const auto range = [&](std::uint64_t count) {
    const std::uint64_t begin = random.between(0, count - 1);
    return std::pair(begin, random.flip() ? count : random.between(begin + 1, count));
  };
  const auto [row_begin, row_end] = range(view.row_count());
  const auto [k_begin, k_end] = range(view.k_count());
  return {row_begin, row_end, k_begin, k_end};
}

void check_view(const OperandView& view, test::Random& random) {
  for (int i = 0; i < 6; ++i) {
    const Tile tile = random_tile(view, random);
    INFO("rows " << tile.row_begin << " to " << tile.row_end << ", k " << tile.k_begin << " to " << tile.k_end);
    const std::vector<Run> runs = touched_runs(view, tile.row_begin, tile.row_end, tile.k_begin, tile.k_end);
    const std::vector<Run> expected = enumerate(view, tile);
    REQUIRE(element_count(runs) == element_count(expected));
    REQUIRE((runs == expected));
    REQUIRE(element_count(touched(view, tile.row_begin, tile.row_end, tile.k_begin, tile.k_end)) ==
            element_count(expected));
    const auto last =
        last_touched(view, tile.row_begin, tile.row_end, tile.row_end - tile.row_begin, tile.k_begin, tile.k_end)
            .front();
    REQUIRE(last.has_value() == !expected.empty());
    if (last) REQUIRE(*last + 1 == expected.back().first + expected.back().length);
  }
}

/// Runs of a part of the tile's rows, relative to the tile's lowest element.
std::vector<Run> relative(const OperandView& view, Tile tile, const TileLayout& layout) {
  std::vector<Run> runs = touched_runs(view, tile.row_begin, tile.row_end, tile.k_begin, tile.k_end);
  for (Run& run : runs) run.first -= static_cast<std::uint64_t>(layout.first);
  return runs;
}

/// Tiles of one size all over the view: those of equal layout must touch equal elements, part by part.
void check_layouts(const OperandView& view, test::Random& random) {
  const std::uint64_t rows = random.between(1, view.row_count());
  const std::uint64_t ks = random.between(1, view.k_count());
  const std::uint64_t part = random.between(1, rows);
  std::map<std::vector<std::int64_t>, std::pair<Tile, TileLayout>> seen;
  TileLayouts layouts(view);
  std::map<std::vector<std::int64_t>, std::size_t> numbers;
  for (std::uint64_t row = 0; row + rows <= view.row_count(); row += rows) {
    for (std::uint64_t k = 0; k + ks <= view.k_count(); k += ks) {
      const Tile tile{row, row + rows, k, k + ks};
      const TileLayout layout = tile_layout(view, tile.row_begin, tile.row_end, tile.k_begin, tile.k_end);
      const TileLayouts::Place shared = layouts.of(tile.row_begin, tile.row_end, tile.k_begin, tile.k_end);
      REQUIRE(numbers.try_emplace(layout.shape, numbers.size()).first->second == shared.layout);
      if (!touched_runs(view, tile.row_begin, tile.row_end, tile.k_begin, tile.k_end).empty()) {
        REQUIRE(shared.first == layout.first);
      }
      const auto [place, fresh] = seen.try_emplace(layout.shape, tile, layout);
      if (fresh) continue;
      const auto& [other, other_layout] = place->second;
      REQUIRE((relative(view, tile, layout) == relative(view, other, other_layout)));
      const Tile begin{row, row + part, k, k + ks};
      const Tile other_begin{other.row_begin, other.row_begin + part, other.k_begin, other.k_end};
      REQUIRE((relative(view, begin, layout) == relative(view, other_begin, other_layout)));
      const Tile end{row + rows - part, row + rows, k, k + ks};
      const Tile other_end{other.row_end - part, other.row_end, other.k_begin, other.k_end};
      REQUIRE((relative(view, end, layout) == relative(view, other_end, other_layout)));
    }
  }
}

void check_pass(const LayerPass& pass, test::Random& random) {
  for (const Gemm& gemm : pass.gemms) {
    check_view(gemm.a, random);
    check_view(gemm.b, random);
    check_layouts(gemm.a, random);
    check_layouts(gemm.b, random);
  }
}

}  // namespace

TEST_CASE("footprints of random tiles of random convolutions are exact in all three passes") {
  test::Random random(31);
  for (int i = 0; i < 400; ++i) {
    const Conv2d conv = test::random_conv(random);
    const std::uint64_t batch = random.between(1, 3);
    INFO("seed 31 case " << i << ": " << test::describe_case(conv, batch));
    check_pass(conv_forward(conv, batch), random);
    check_pass(conv_input_grad(conv, batch), random);
    check_pass(conv_weight_grad(conv, batch), random);
  }
}

TEST_CASE("footprints of arbitrary digits are exact: descending, overlapping and gapped offsets") {
  test::Random random(32);
  for (int i = 0; i < 500; ++i) {
    OperandView view;
    const auto digits = [&] {
      std::vector<Digit> list(random.between(0, 3));
      for (Digit& digit : list) {
        digit.extent = random.between(1, 5);
        digit.offset = static_cast<std::int64_t>(random.between(0, 20)) - 10;
        if (digit.offset < 0) view.base -= digit.offset * static_cast<std::int64_t>(digit.extent - 1);
      }
      return list;
    };
    view.rows = digits();
    view.ks = digits();
    INFO("seed 32 case " << i);
    check_view(view, random);
  }
}

TEST_CASE("a tile that meets only padding touches nothing") {
  Conv2d conv;
  conv.height = conv.width = 4;
  conv.kernel = {3};
  conv.padding = {1};
  const OperandView view = conv_forward(conv, 1).gemms[0].b;
  CHECK(touched_runs(view, 0, 4, 0, 3).empty());
  CHECK(touched_runs(view, 2, 2, 0, 9).empty());
}

TEST_CASE("a whole input is one run") {
  Conv2d conv;
  conv.in_channels = 3;
  conv.out_channels = 64;
  conv.height = conv.width = 224;
  conv.kernel = {7};
  conv.stride = {2};
  conv.padding = {3};
  const OperandView view = conv_forward(conv, 32).gemms[0].b;
  const std::vector<Run> whole = {{0, 32ULL * 224 * 224 * 3}};
  CHECK((touched_runs(view, 0, view.row_count(), 0, view.k_count()) == whole));
}

TEST_CASE("a range beyond the view is a broken law") {
  const OperandView view = conv_forward(Conv2d{}, 1).gemms[0].b;
  CHECK_THROWS_AS(touched_runs(view, 0, 2, 0, 1), SimulationError);
  CHECK_THROWS_AS(touched_runs(view, 0, 1, 0, 2), SimulationError);
}

TEST_CASE("a digit that moves along two axes is refused, not miscounted") {
  Conv2d conv;
  conv.height = conv.width = 4;
  OperandView view = conv_forward(conv, 1).gemms[0].b;
  view.rows[2].dh = 1;
  CHECK_THROWS_AS(touched_runs(view, 0, 1, 0, 1), SimulationError);
}

}  // namespace lnsim
