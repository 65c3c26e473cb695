// SPDX-License-Identifier: Apache-2.0
// The mapper against exhaustive search, and its bounds against simulations.
#include <catch2/catch.hpp>

#include "sim/fast/engine.hpp"
#include "sim/mapping/space.hpp"
#include "sim/support/error.hpp"
#include "sim/sweep/mapper.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

double cycles_of(const TraceEntry& entry) { return static_cast<double>(entry.cycles); }

/// Cycles and traffic in one number that neither dominates.
double mixed(const TraceEntry& entry) {
  return cycles_of(entry) + 3.0 * static_cast<double>(entry.counts[Action::kDramReadBursts]) +
         0.1 * static_cast<double>(entry.counts[Action::kBufferAReadVectors]);
}

MappingPin pin_of(const GemmMapping& mapping) {
  return {mapping.operand_a, mapping.order, mapping.tile.m, mapping.tile.n,
          mapping.tile.k,    mapping.banks, mapping.block};
}

/// The entry of the plan under a mapping of its largest GEMM; nullopt where that does not fit.
std::optional<TraceEntry> simulated(PassPlan plan, const GemmMapping& mapping) {
  plan.pin = pin_of(mapping);
  try {
    return fast::simulate_pass(plan);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

/// Random passes of one GEMM each, without a pin.
std::vector<PassPlan> random_plans(std::uint64_t seed, std::size_t count) {
  std::vector<PassPlan> plans;
  for (; plans.size() < count; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made || made->plan.pass.gemms.size() != 1) continue;
    plans.push_back(made->plan);
    plans.back().pin = {};
    try {
      (void)schedule_gemms(plans.back());
    } catch (const InputError&) {
      plans.pop_back();
    }
  }
  return plans;
}

}  // namespace

TEST_CASE("No simulation does less than the bounds of its mapping") {
  std::size_t checked = 0;
  for (const PassPlan& plan : random_plans(1, 40)) {
    const std::vector<Candidate> space = mapping_space(plan.pass.gemms.front(), plan.config, {});
    for (std::size_t i = 0; i < space.size(); i += 1 + space.size() / 25) {
      const auto entry = simulated(plan, space[i].mapping);
      if (!entry) continue;
      const LeastWork& least = space[i].least;
      INFO(test::describe_case(plan, "") << "\n" << write_mapping(space[i].mapping).dump());
      CHECK(entry->cycles >= least.cycles);
      CHECK(entry->counts[Action::kDramReadBursts] >= least.dram_read_bursts);
      CHECK(entry->counts[Action::kDramWriteBursts] >= least.dram_write_bursts);
      CHECK(entry->counts[Action::kLanesVectorMacs] == least.vector_macs);
      CHECK(entry->counts[Action::kLanesGatedVectorMacs] == least.gated_vector_macs);
      CHECK(entry->counts[Action::kBufferAReadVectors] == least.buffer_a_reads);
      CHECK(entry->counts[Action::kBufferBReadVectors] == least.buffer_b_reads);
      CHECK(entry->counts[Action::kCollectorDrains] == least.drains);
      ++checked;
    }
  }
  CHECK(checked > 300);
}

TEST_CASE("With budget enough the mapper finds what exhaustive search finds") {
  for (const PassPlan& plan : random_plans(900, 12)) {
    for (const auto& cost : {cycles_of, mixed}) {
      double best = cost(fast::simulate_pass(plan));
      for (const Candidate& candidate : mapping_space(plan.pass.gemms.front(), plan.config, {})) {
        if (const auto entry = simulated(plan, candidate.mapping)) best = std::min(best, cost(*entry));
      }
      const SearchResult result = search_mapping(plan, cost, {.budget = 1000000, .threads = 2});
      INFO(test::describe_case(plan, ""));
      CHECK(result.optimal);
      CHECK(result.cost == best);
      CHECK(result.evaluated <= result.candidates + 1);
    }
  }
}

TEST_CASE("The result of a search does not depend on the number of threads, nor is it worse than the heuristic") {
  for (const PassPlan& plan : random_plans(2000, 6)) {
    const SearchResult one = search_mapping(plan, mixed, {.budget = 40, .threads = 1});
    const SearchResult three = search_mapping(plan, mixed, {.budget = 40, .threads = 3});
    CHECK(one.cost == three.cost);
    CHECK(one.evaluated == three.evaluated);
    CHECK(one.evaluated <= 40);
    CHECK(write_pin(one.pin) == write_pin(three.pin));
    CHECK(one.cost <= mixed(fast::simulate_pass(plan)));
  }
}

TEST_CASE("A pinned part stays pinned in a search") {
  const PassPlan base = test::plan_of(test::gemm_pass(128, 96, 256), test::default_machine());
  PassPlan plan = base;
  plan.pin.operand_a = Side::kN;
  plan.pin.k = 64;
  const SearchResult result = search_mapping(plan, cycles_of, {.budget = 50, .threads = 1});
  CHECK(result.pin.operand_a == Side::kN);
  CHECK(result.pin.k == 64);
}

}  // namespace lnsim
