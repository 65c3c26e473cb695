// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "sim/data/random.hpp"

namespace lnsim {

/// A point of a grid: for each gene the index of its value.
using Genome = std::vector<std::uint64_t>;

/// What became of a point that was asked for.
struct Fitness {
  bool feasible = false;      ///< meets all constraints, and its costs are finite; what failed does not
  std::vector<double> costs;  ///< of a feasible point: less is better
};

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE Transactions on Evolutionary Computation 6(2), 2002) on a grid: fast
/// non-dominated sorting, crowding distance, binary tournaments, feasible points before others. Its children are made
/// by uniform crossover and by steps or jumps of single genes, and no point is asked for twice. Deterministic.
class Nsga2 {
 public:
  /// `values`: of each gene, at least 1; `population`: points that are kept, at least 2.
  Nsga2(std::vector<std::uint64_t> values, std::uint64_t population, std::uint64_t seed);

  /// The next points to evaluate, at most `most`; none once every point of the grid was asked for.
  [[nodiscard]] std::vector<Genome> ask(std::uint64_t most);
  /// What they are, in the same order.
  void tell(const std::vector<Fitness>& fitness);

  /// The points that are kept, best first.
  [[nodiscard]] std::vector<Genome> population() const;

 private:
  struct Individual {
    Genome genome;
    Fitness fitness;
    std::size_t rank = 0;
    double crowding = 0.0;
  };

  [[nodiscard]] bool all_seen() const { return seen_.size() >= points_; }
  [[nodiscard]] std::uint64_t below(std::uint64_t end);
  [[nodiscard]] Genome random_genome();
  [[nodiscard]] Genome child();
  [[nodiscard]] const Individual& tournament();
  void mutate(Genome& genome);
  void skip_seen(Genome& genome) const;
  void rank();
  void select();

  std::vector<std::uint64_t> values_;
  std::uint64_t points_ = 1;  ///< of the grid
  std::uint64_t population_;
  SplitMix64 random_;
  std::set<Genome> seen_;
  std::vector<Individual> individuals_;
  std::vector<Genome> asked_;
};

}  // namespace lnsim
