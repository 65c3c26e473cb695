// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/nsga2.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/support/error.hpp"

namespace lnsim {
namespace {

/// Less is better in no cost, and worse in one; a feasible point beats any other.
bool dominates(const Fitness& one, const Fitness& other) {
  if (one.feasible != other.feasible) return one.feasible;
  if (!one.feasible) return false;
  bool better = false;
  for (std::size_t i = 0; i < one.costs.size(); ++i) {
    if (one.costs[i] > other.costs[i]) return false;
    better |= one.costs[i] < other.costs[i];
  }
  return better;
}

}  // namespace

Nsga2::Nsga2(std::vector<std::uint64_t> values, std::uint64_t population, std::uint64_t seed)
    : values_(std::move(values)), population_(population), random_(seed) {
  for (const std::uint64_t count : values_) points_ *= count;
}

/// Without bias that matters: 64 random bits for at most 2^40 values.
std::uint64_t Nsga2::below(std::uint64_t end) { return random_.next() % end; }

Genome Nsga2::random_genome() {
  Genome genome;
  for (const std::uint64_t count : values_) genome.push_back(below(count));
  return genome;
}

const Nsga2::Individual& Nsga2::tournament() {
  const Individual& one = individuals_[below(individuals_.size())];
  const Individual& other = individuals_[below(individuals_.size())];
  if (one.rank != other.rank) return one.rank < other.rank ? one : other;
  return one.crowding >= other.crowding ? one : other;
}

// One gene at least: a step to a neighbour, as most axes are ordered, or a jump anywhere.
void Nsga2::mutate(Genome& genome) {
  const std::uint64_t surely = below(genome.size());
  for (std::size_t gene = 0; gene < genome.size(); ++gene) {
    if (gene != surely && below(genome.size()) != 0) continue;
    const std::uint64_t count = values_[gene];
    if (below(2) == 0) {
      genome[gene] = below(count);
    } else if (below(2) == 0) {
      genome[gene] = std::min(genome[gene] + 1, count - 1);
    } else if (genome[gene] > 0) {
      --genome[gene];
    }
  }
}

Genome Nsga2::child() {
  Genome genome = tournament().genome;
  const Genome& other = tournament().genome;
  for (std::size_t gene = 0; gene < genome.size(); ++gene) {
    if (below(2) == 0) genome[gene] = other[gene];
  }
  if (seen_.count(genome) != 0 || below(2) == 0) mutate(genome);
  return genome;
}

// The next point of the grid behind this one, around its end, that was not asked for. Requires that there is one.
void Nsga2::skip_seen(Genome& genome) const {
  while (seen_.count(genome) != 0) {
    for (std::size_t gene = genome.size(); gene-- > 0;) {
      if (++genome[gene] < values_[gene]) break;
      genome[gene] = 0;
    }
  }
}

std::vector<Genome> Nsga2::ask(std::uint64_t most) {
  constexpr int kTries = 20;
  LNSIM_CHECK(asked_.empty(), "NSGA-II: what was asked for has not been told");
  const std::uint64_t wanted = std::min(most, population_);
  while (asked_.size() < wanted && !all_seen()) {
    const bool first = individuals_.empty();
    Genome genome = first ? random_genome() : child();
    for (int i = 0; i < kTries && seen_.count(genome) != 0; ++i) {
      if (first) {
        genome = random_genome();
      } else {
        mutate(genome);
      }
    }
    skip_seen(genome);
    seen_.insert(genome);
    asked_.push_back(std::move(genome));
  }
  return asked_;
}

void Nsga2::tell(const std::vector<Fitness>& fitness) {
  LNSIM_CHECK(fitness.size() == asked_.size(), "NSGA-II: told of other points than it asked for");
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    Individual& one = individuals_.emplace_back(Individual{std::move(asked_[i]), fitness[i], 0, 0.0});
    const auto& costs = one.fitness.costs;
    // Distances between costs that are not finite mean nothing.
    if (!std::all_of(costs.begin(), costs.end(), [](double cost) { return std::isfinite(cost); })) one.fitness = {};
  }
  asked_.clear();
  rank();
  select();
}

std::vector<Genome> Nsga2::population() const {
  std::vector<Genome> genomes;
  for (const Individual& one : individuals_) genomes.push_back(one.genome);
  return genomes;
}

// Fronts, one after the other, and within each the crowding distance: the size of the box that neighbours leave.
void Nsga2::rank() {
  const std::size_t size = individuals_.size();
  std::vector<std::vector<std::size_t>> beaten(size);
  std::vector<std::size_t> beaten_by(size, 0);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      if (!dominates(individuals_[i].fitness, individuals_[j].fitness)) continue;
      beaten[i].push_back(j);
      ++beaten_by[j];
    }
  }
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < size; ++i) {
    if (beaten_by[i] == 0) front.push_back(i);
  }
  for (std::size_t number = 0; !front.empty(); ++number) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front) {
      individuals_[i].rank = number;
      individuals_[i].crowding = 0.0;
      for (const std::size_t j : beaten[i]) {
        if (--beaten_by[j] == 0) next.push_back(j);
      }
    }
    const std::size_t costs = individuals_[front.front()].fitness.costs.size();
    for (std::size_t cost = 0; cost < costs; ++cost) {
      const auto value = [&](std::size_t i) { return individuals_[i].fitness.costs[cost]; };
      std::stable_sort(front.begin(), front.end(), [&](std::size_t i, std::size_t j) { return value(i) < value(j); });
      const double width = value(front.back()) - value(front.front());
      individuals_[front.front()].crowding = individuals_[front.back()].crowding =
          std::numeric_limits<double>::infinity();
      for (std::size_t i = 1; width > 0 && i + 1 < front.size(); ++i) {
        individuals_[front[i]].crowding += (value(front[i + 1]) - value(front[i - 1])) / width;
      }
    }
    std::sort(next.begin(), next.end());
    front = std::move(next);
  }
}

void Nsga2::select() {
  std::stable_sort(individuals_.begin(), individuals_.end(), [](const Individual& one, const Individual& other) {
    return one.rank != other.rank ? one.rank < other.rank : one.crowding > other.crowding;
  });
  if (individuals_.size() > population_) individuals_.resize(population_);
}

}  // namespace lnsim
