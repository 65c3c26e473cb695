// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "energy/iso.hpp"
#include "energy/structures.hpp"
#include "tests/unit/energy/gate_level.hpp"
#include "tests/unit/energy/schemes.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

constexpr double kIsoClock = 400e6;
constexpr std::array kBudgets{IsoBudget::kArea, IsoBudget::kPower, IsoBudget::kBandwidth};

double spends(IsoBudget budget, std::uint64_t lanes, const std::string& scheme, double clock_hz = kIsoClock,
              std::uint64_t rows = 1) {
  Accelerator accelerator;
  accelerator.pe.lanes = lanes;
  accelerator.pe_array.rows = rows;
  const Scheme made = make_scheme(scheme);
  const Machine machine(accelerator, made, technology_45nm(), kSgd.weights, kSgd.parameters);
  return pe_spends(budget, machine, clock_hz);
}

IsoLanes fit(IsoBudget budget, double limit, const std::string& scheme) {
  return iso_lanes(budget, limit, Accelerator{}, make_scheme(scheme), technology_45nm(), kIsoClock, kSgd);
}

}  // namespace

TEST_CASE("budgets are found by their names, and no others") {
  for (const IsoBudget budget : kBudgets) CHECK(find_iso_budget(iso_budget_name(budget)) == budget);
  CHECK(!find_iso_budget("none"));
  CHECK(!find_iso_budget("Area"));
}

TEST_CASE("a PE spends more with each lane") {
  for (const IsoBudget budget : kBudgets) {
    for (const std::string& scheme : scheme_names()) {
      INFO(scheme << " " << iso_budget_name(budget));
      double before = 0;
      for (const std::uint64_t lanes : {1U, 2U, 3U, 16U, 31U, 32U, 33U, 500U, 1024U}) {
        const double now = spends(budget, lanes, scheme);
        CHECK(now > before);
        before = now;
      }
    }
  }
}

TEST_CASE("the area of a PE is that of its components in scope pe, whatever the number of PEs") {
  Accelerator accelerator;
  const Scheme scheme = make_scheme("bf16");
  const std::vector<TraceEntry> trace = sample_trace(scheme);
  const EnergyReport report = price(trace, accelerator, scheme, technology_45nm(), kIsoClock, kSgd);
  double sum = 0;
  for (std::size_t c = 0; c < components().size(); ++c) {
    const auto name = components()[c];
    if (name == "lanes" || name == "operand_registers" || name == "collector" || name == "buffer_a" ||
        name == "buffer_b" || name == "ppu") {
      sum += report.area_mm2[c];
    }
  }
  CHECK(spends(IsoBudget::kArea, 32, "bf16") == Approx(sum));
  CHECK(spends(IsoBudget::kArea, 32, "bf16", kIsoClock, 4) == Approx(sum));
}

TEST_CASE("the power of an issuing PE is that of a long steady state") {
  // 4096 cycles in which each of 32 lanes takes a pair: 256 held tiles of 16 rows.
  constexpr std::uint64_t kCycles = 4096;
  const Accelerator accelerator;
  const Scheme scheme = make_scheme("fp8");
  TraceEntry entry;
  entry.formats = {scheme.weight->name(), scheme.activation->name(), scheme.activation->name()};
  entry.cycles = kCycles;
  entry.counts[Action::kLanesVectorMacs] = 32 * kCycles;
  entry.counts[Action::kCollectorAccumulates] = 32 * kCycles;
  entry.counts[Action::kBufferAReadVectors] = 2 * kCycles;
  entry.counts[Action::kOperandRegisterAVectors] = 2 * kCycles;
  entry.counts[Action::kBufferBReadVectors] = kCycles;
  entry.counts[Action::kOperandRegisterBVectors] = kCycles;
  const EnergyReport report = price({&entry, 1}, accelerator, scheme, technology_45nm(), kIsoClock, kSgd);
  const double pe_w = report.scope_j[static_cast<std::size_t>(Scope::kPe)] / report.seconds;
  CHECK(spends(IsoBudget::kPower, 32, "fp8") == Approx(pe_w));
}

TEST_CASE("power follows the clock but for leakage") {
  const double slow = spends(IsoBudget::kPower, 32, "int8", 1e8);
  const double fast = spends(IsoBudget::kPower, 32, "int8", 2e8);
  CHECK(fast < 2 * slow);
  CHECK(fast > 1.5 * slow);
}

TEST_CASE("bandwidth counts the bits of both operands at the lanes") {
  CHECK(spends(IsoBudget::kBandwidth, 32, "lns8") == 32 * 32 * 16);
  CHECK(fit(IsoBudget::kBandwidth, 32 * 32 * 16, "fp32").lanes == 8);
  CHECK(fit(IsoBudget::kBandwidth, 32 * 32 * 16, "int8").lanes == 32);
}

TEST_CASE("the lanes that fit are within the limit, and one more is not") {
  for (const IsoBudget budget : kBudgets) {
    const double limit = spends(budget, 32, "lns8");
    for (const std::string& scheme : scheme_names()) {
      INFO(scheme << " " << iso_budget_name(budget));
      const IsoLanes found = fit(budget, limit, scheme);
      CHECK(found.spent == spends(budget, found.lanes, scheme));
      CHECK(found.spent <= limit);
      CHECK(spends(budget, found.lanes + 1, scheme) > limit);
    }
    CHECK(fit(budget, limit, "lns8").lanes == 32);
  }
}

TEST_CASE("a limit that a single lane exceeds gives one lane, one that none exceeds the most of a machine") {
  const IsoLanes one = fit(IsoBudget::kArea, 1e-6, "fp32");
  CHECK(one.lanes == 1);
  CHECK(one.spent > 1e-6);
  CHECK(fit(IsoBudget::kArea, 1e6, "fp32").lanes == 1024);
}

TEST_CASE("only LNS operands have a choice of structures") {
  const std::vector<TraceEntry> trace = sample_trace(make_scheme("fp8"));
  CHECK(!choose_structure(trace, Accelerator{}, make_scheme("fp8"), technology_45nm(), kIsoClock, kSgd));
}

TEST_CASE("each structure costs what the trace costs under a scheme with it") {
  const Scheme scheme = make_scheme("lns8");
  const std::vector<TraceEntry> trace = sample_trace(scheme);
  const auto choice = choose_structure(trace, Accelerator{}, scheme, technology_45nm(), kIsoClock, kSgd);
  REQUIRE(choice);
  REQUIRE(choice->costs.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const StructureCost& cost = choice->costs[i];
    Scheme variant = scheme;
    variant.dot_product.conversion.structure = cost.structure;
    variant.dot_product.sign_split = cost.sign_split;
    const EnergyReport report = price(trace, Accelerator{}, variant, technology_45nm(), kIsoClock, kSgd);
    CHECK(cost.datapath_j == report.scope_j[static_cast<std::size_t>(Scope::kDatapath)]);
    CHECK(cost.pe_j == report.scope_j[static_cast<std::size_t>(Scope::kPe)]);
    for (std::size_t j = 0; j < i; ++j) {
      CHECK((choice->costs[j].structure != cost.structure || choice->costs[j].sign_split != cost.sign_split));
    }
    CHECK(choice->costs[*choice->best].datapath_j <= cost.datapath_j);
    CHECK(choice->costs[*choice->smallest].lanes_area_mm2 <= cost.lanes_area_mm2);
  }
  CHECK(choice->costs[choice->own].structure == scheme.dot_product.conversion.structure);
  CHECK(choice->costs[choice->own].sign_split == scheme.dot_product.sign_split);
}

TEST_CASE("no structure is best at a clock that none reaches") {
  const Scheme scheme = make_scheme("lns8");
  const std::vector<TraceEntry> trace = sample_trace(scheme);
  const auto choice = choose_structure(trace, Accelerator{}, scheme, technology_45nm(), 100e9, kSgd);
  REQUIRE(choice);
  CHECK(!choice->best);
  CHECK(!choice->smallest);
}
