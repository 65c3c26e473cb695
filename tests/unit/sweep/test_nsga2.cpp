// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/nsga2.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

using namespace lnsim;

namespace {

using Problem = std::function<Fitness(const Genome&)>;

/// Every point that a search of so many evaluations asks for, with its fitness.
std::vector<std::pair<Genome, Fitness>> search(const std::vector<std::uint64_t>& values, const Problem& problem,
                                               std::uint64_t evaluations, std::uint64_t population,
                                               std::uint64_t seed) {
  Nsga2 nsga(values, population, seed);
  std::vector<std::pair<Genome, Fitness>> all;
  while (all.size() < evaluations) {
    const std::vector<Genome> asked = nsga.ask(evaluations - all.size());
    if (asked.empty()) break;
    std::vector<Fitness> fitness;
    for (const Genome& genome : asked) {
      fitness.push_back(problem(genome));
      all.emplace_back(genome, fitness.back());
    }
    nsga.tell(fitness);
  }
  return all;
}

/// Area that a front of two costs covers up to a corner.
double covered(const std::vector<std::pair<Genome, Fitness>>& points, double corner_x, double corner_y) {
  std::vector<std::pair<double, double>> costs;
  for (const auto& [genome, fitness] : points) {
    if (fitness.feasible) costs.emplace_back(fitness.costs[0], fitness.costs[1]);
  }
  std::sort(costs.begin(), costs.end());
  double area = 0.0, best = corner_y;
  for (const auto& [x, y] : costs) {
    if (x >= corner_x || y >= best) continue;
    area += (corner_x - x) * (best - y);
    best = y;
  }
  return area;
}

/// ZDT1 (Zitzler, Deb, Thiele 2000) on a grid of 32 values per gene: its front is f2 = 1 - sqrt(f1).
Fitness zdt1(const Genome& genome) {
  const auto x = [&](std::size_t i) { return static_cast<double>(genome[i]) / 31.0; };
  double rest = 0.0;
  for (std::size_t i = 1; i < genome.size(); ++i) rest += x(i);
  const double g = 1.0 + 9.0 * rest / static_cast<double>(genome.size() - 1);
  return {true, {x(0), g * (1.0 - std::sqrt(x(0) / g))}};
}

double best_of_zdt1() {
  std::vector<std::pair<Genome, Fitness>> front;
  for (std::uint64_t i = 0; i < 32; ++i) front.emplace_back(Genome{i, 0, 0, 0, 0}, zdt1({i, 0, 0, 0, 0}));
  return covered(front, 1.1, 1.1);
}

}  // namespace

TEST_CASE("a search finds nearly all of a front in a small part of the grid", "[nsga2]") {
  const std::vector<std::uint64_t> values(5, 32);  // 33.5 million points
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto found = search(values, zdt1, 1500, 40, seed);
    CHECK(found.size() == 1500);
    CHECK(covered(found, 1.1, 1.1) > 0.98 * best_of_zdt1());
    // As many points at random cover much less.
    SplitMix64 random(seed);
    std::vector<std::pair<Genome, Fitness>> any;
    for (int i = 0; i < 1500; ++i) {
      Genome genome;
      for (int gene = 0; gene < 5; ++gene) genome.push_back(random.next() % 32);
      any.emplace_back(genome, zdt1(genome));
    }
    CHECK(covered(any, 1.1, 1.1) < 0.6 * best_of_zdt1());
  }
}

TEST_CASE("of a front that is wider than the population, points that lie apart are kept", "[nsga2]") {
  // Every point is on the front: only the crowding distance says which stay.
  constexpr std::uint64_t kValues = 4096, kPopulation = 12;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Nsga2 nsga({kValues}, kPopulation, seed);
    for (int generation = 0; generation < 50; ++generation) {
      std::vector<Fitness> fitness;
      for (const Genome& genome : nsga.ask(kPopulation)) {
        const auto x = static_cast<double>(genome[0]);
        fitness.push_back({true, {x, -x}});
      }
      nsga.tell(fitness);
    }
    std::vector<std::uint64_t> kept;
    for (const Genome& genome : nsga.population()) kept.push_back(genome[0]);
    std::sort(kept.begin(), kept.end());
    REQUIRE(kept.size() == kPopulation);
    CHECK(kept.front() < kValues / 20);
    CHECK(kept.back() > kValues - kValues / 20);
    for (std::size_t i = 1; i < kept.size(); ++i) CHECK(kept[i] - kept[i - 1] < 3 * kValues / (kPopulation - 1));
  }
}

TEST_CASE("no point is asked for twice, and all are in the end", "[nsga2]") {
  const std::vector<std::uint64_t> values{3, 1, 7, 4};
  for (const std::uint64_t seed : {1U, 9U}) {
    auto found = search(
        values,
        [](const Genome& g) {
          return Fitness{true, {static_cast<double>(g[0]), -1.0 * static_cast<double>(g[2])}};
        },
        1000, 6, seed);
    std::sort(found.begin(), found.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    CHECK(found.size() == 84);
    CHECK(std::adjacent_find(found.begin(), found.end(),
                             [](const auto& x, const auto& y) { return x.first == y.first; }) == found.end());
    for (const auto& [genome, fitness] : found) {
      for (std::size_t i = 0; i < values.size(); ++i) CHECK(genome[i] < values[i]);
    }
  }
}

TEST_CASE("the same seed asks for the same points, another for others", "[nsga2]") {
  const std::vector<std::uint64_t> values(5, 32);
  const auto genomes = [&](std::uint64_t seed) {
    std::vector<Genome> all;
    for (const auto& [genome, fitness] : search(values, zdt1, 200, 20, seed)) all.push_back(genome);
    return all;
  };
  CHECK(genomes(5) == genomes(5));
  CHECK(genomes(5) != genomes(6));
}

TEST_CASE("a search leaves what is not feasible", "[nsga2]") {
  const std::vector<std::uint64_t> values(5, 32);
  const auto constrained = [](const Genome& genome) {
    const auto sum = std::accumulate(genome.begin() + 1, genome.end(), std::uint64_t{0});
    return sum > 40 || genome[0] < 8 ? Fitness{} : zdt1(genome);
  };
  const auto found = search(values, constrained, 1500, 40, 1);
  const auto feasible = [](const auto& point) { return point.second.feasible; };
  const auto half = found.begin() + 750;
  CHECK(std::count_if(half, found.end(), feasible) > std::count_if(found.begin(), half, feasible));
  for (const auto& [genome, fitness] : found) CHECK(fitness.feasible == !constrained(genome).costs.empty());
}

TEST_CASE("a search whose points all fail goes on to its budget", "[nsga2]") {
  CHECK(search(
            {10, 10}, [](const Genome&) { return Fitness{}; }, 50, 8, 1)
            .size() == 50);
}

TEST_CASE("costs that are infinite or equal stop nothing", "[nsga2]") {
  const auto flat = [](const Genome& genome) {
    return Fitness{true, {1.0, genome[0] == 3 ? std::numeric_limits<double>::infinity() : 2.0, 0.0}};
  };
  CHECK(search({10, 10}, flat, 100, 8, 1).size() == 100);
}
