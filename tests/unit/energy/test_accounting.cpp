// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>

#include "energy/accounting.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "tests/unit/energy/gate_level.hpp"
#include "tests/unit/energy/schemes.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

constexpr double kClock = 400e6;

EnergyReport price_sample(const Scheme& scheme, const Accelerator& accelerator = {}) {
  return price(sample_trace(scheme), accelerator, scheme, technology_45nm(), kClock, kSgd);
}

/// Energy of one count of an action (fJ).
double action_fj(Action action, const Scheme& scheme, const Accelerator& accelerator = {}) {
  const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kMadam, Optimizer::kSgdMomentum);
  return price_of(bill_action(action, machine, machine.pass_unit({}, PassKind::kForward)), technology_45nm()).energy_fj;
}

}  // namespace

TEST_CASE("every action has a price above zero in every scheme and optimizer") {
  for (const std::string& name : scheme_names()) {
    const Scheme scheme = make_scheme(name);
    const Accelerator accelerator;
    for (const Optimizer optimizer : {Optimizer::kMadam, Optimizer::kSgdMomentum, Optimizer::kAdam}) {
      const Machine machine(accelerator, scheme, technology_45nm(), optimizer, Optimizer::kAdam);
      const PassUnit pass = machine.pass_unit({}, PassKind::kForward);
      for (std::size_t i = 0; i < action_table().size(); ++i) {
        INFO(name << " " << action_table()[i].component << "/" << action_table()[i].action);
        if (!performs(accelerator, static_cast<Action>(i))) continue;
        const Price priced = price_of(bill_action(static_cast<Action>(i), machine, pass), technology_45nm());
        CHECK(priced.energy_fj > 0.0);
        CHECK(std::isfinite(priced.energy_fj));
      }
    }
  }
}

TEST_CASE("every shipped scheme has a price for every action on the shipped machine") {
  const std::filesystem::path configs = std::string(LNSIM_SOURCE_DIR) + "/configs";
  const Accelerator accelerator = read_accelerator(read_json_file(configs / "accelerators/lns_madam.json"));
  int schemes = 0;
  for (const auto& file : std::filesystem::directory_iterator(configs / "schemes")) {
    if (file.path().extension() != ".json") continue;
    const Scheme scheme = read_scheme(read_json_file(file.path()));
    INFO(scheme.name);
    for (const char* family : {"cnn", "transformer"}) {
      const auto lines = explain(accelerator, scheme, technology_45nm(), optimizers_of(scheme, family));
      CHECK(lines.size() > action_table().size());
    }
    ++schemes;
  }
  CHECK(schemes >= 8);
}

TEST_CASE("every component but the DRAM and the clock tree has area and leakage") {
  const EnergyReport report = price_sample(make_scheme("lns8"));
  for (std::size_t c = 0; c < components().size(); ++c) {
    INFO(components()[c]);
    const bool on_chip = components()[c] != "dram" && c != clock_tree_component();
    CHECK((report.area_mm2[c] > 0.0) == on_chip);
    CHECK((report.leakage_w[c] > 0.0) == on_chip);
  }
}

TEST_CASE("components add up to the total and to the scopes exactly") {
  for (const std::string& name : scheme_names()) {
    const EnergyReport report = price_sample(make_scheme(name));
    CHECK(std::accumulate(report.energy_j.begin(), report.energy_j.end(), 0.0) == report.total_j);
    CHECK(report.scope_j[3] == report.total_j);
    double datapath = 0;
    for (std::size_t c = 0; c < components().size(); ++c) {
      CHECK(report.energy_j[c] == report.dynamic_j[c] + report.leakage_j[c]);
      if (c == clock_tree_component()) continue;
      if (scope_of(components()[c]) == Scope::kDatapath) datapath += report.energy_j[c] + report.clock_tree_j[c];
    }
    CHECK(std::accumulate(report.clock_tree_j.begin(), report.clock_tree_j.end(), 0.0) ==
          Approx(report.energy_j[clock_tree_component()]).epsilon(1e-14));
    CHECK(report.scope_j[0] == datapath);
    CHECK(report.scope_j[0] < report.scope_j[1]);
    CHECK(report.scope_j[1] < report.scope_j[2]);
    CHECK(report.scope_j[2] < report.scope_j[3]);
  }
}

TEST_CASE("entries times repeat add up to the totals") {
  const Scheme scheme = make_scheme("fp8");
  const auto trace = sample_trace(scheme);
  const EnergyReport report = price_sample(scheme);
  double total = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (const double joules : report.entries[i].energy_j) total += joules * static_cast<double>(trace[i].repeat);
  }
  CHECK(total == Approx(report.total_j).epsilon(1e-12));
}

TEST_CASE("pricing the same trace twice gives the same bits") {
  const Scheme scheme = make_scheme("lns8_g5");
  CHECK(price_sample(scheme).energy_j == price_sample(scheme).energy_j);
}

TEST_CASE("explain lists every action and its lines add up to the price charged") {
  const Scheme scheme = make_scheme("lns8");
  const Accelerator accelerator;
  const auto lines = explain(accelerator, scheme, technology_45nm(), kSgd);
  std::map<std::string, double> sums;
  for (const BillLine& line : lines) {
    CHECK_FALSE(line.source.empty());
    CHECK_FALSE(line.primitive.empty());
    sums[line.component + "/" + line.action] += line.energy_fj;
  }
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    if (!performs(accelerator, static_cast<Action>(i))) continue;
    TraceEntry entry;
    entry.counts[static_cast<Action>(i)] = 1;
    const EnergyReport report =
        price(std::vector<TraceEntry>{entry}, accelerator, scheme, technology_45nm(), kClock, kSgd);
    const ActionInfo& info = action_table()[i];
    INFO(info.component << "/" << info.action);
    const std::string name = std::string(info.component) + "." + std::string(info.action);
    const double own = sums.at(std::string(info.component) + "/" + std::string(info.action)) * 1e-15;
    const auto clock = sums.find("clock_tree/" + name);
    CHECK(own + (clock == sums.end() ? 0.0 : clock->second * 1e-15) == report.total_j);
  }
}

TEST_CASE("leakage is charged by time alone") {
  const Scheme scheme = make_scheme("int8");
  TraceEntry idle;
  idle.cycles = 1000;
  const EnergyReport report = price(std::vector<TraceEntry>{idle}, {}, scheme, technology_45nm(), kClock, kSgd);
  double watts = 0;
  for (const double leakage : report.leakage_w) watts += leakage;
  CHECK(report.total_j == Approx(watts * 1000 / kClock));
  CHECK(report.power_w == Approx(watts));
  CHECK_FALSE(report.pj_per_mac.has_value());
}

TEST_CASE("a wider or larger machine costs more where it should") {
  const Scheme lns = make_scheme("lns8");
  Accelerator base;
  SECTION("a larger buffer A costs more per access, area and leakage") {
    Accelerator large = base;
    large.pe.buffer_a_bytes *= 4;
    CHECK(action_fj(Action::kBufferAReadVectors, lns, large) > action_fj(Action::kBufferAReadVectors, lns, base));
    CHECK(price_sample(lns, large).chip_area_mm2 > price_sample(lns, base).chip_area_mm2);
    CHECK(price_sample(lns, large).total_j > price_sample(lns, base).total_j);
  }
  SECTION("more lanes cost area and a longer broadcast") {
    Accelerator wide = base;
    wide.pe.lanes *= 2;
    CHECK(price_sample(lns, wide).chip_area_mm2 > price_sample(lns, base).chip_area_mm2);
    CHECK(action_fj(Action::kOperandRegisterBVectors, lns, wide) >
          action_fj(Action::kOperandRegisterBVectors, lns, base));
  }
  SECTION("a wider accumulator costs more in lanes, collector and PPU") {
    Scheme wide = lns;
    wide.dot_product.accumulator.fixed->bits = 32;
    for (const Action action : {Action::kLanesVectorMacs, Action::kCollectorAccumulates, Action::kPpuOutputs}) {
      CHECK(action_fj(action, wide) > action_fj(action, lns));
    }
  }
  SECTION("wider operands cost more to move") {
    const Scheme fp32 = make_scheme("fp32");
    for (const Action action :
         {Action::kBufferAReadVectors, Action::kBufferBWriteVectors, Action::kOperandRegisterAVectors,
          Action::kOperandRegisterBVectors, Action::kTransposerAVectors, Action::kLanesVectorMacs}) {
      CHECK(action_fj(action, fp32) > 2 * action_fj(action, lns));
    }
  }
}

TEST_CASE("rounding at random costs a generator in gradients alone") {
  const Scheme nearest = make_scheme("fp8");
  Scheme stochastic = nearest;
  stochastic.gradient_rounding = GradientRounding::kStochastic;
  const Accelerator accelerator;
  const auto cost = [&](const Scheme& scheme, Action action, PassKind pass) {
    const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kAdam, Optimizer::kAdam);
    return price_of(bill_action(action, machine, machine.pass_unit({}, pass)), technology_45nm()).energy_fj;
  };
  for (const Action action : {Action::kPpuOutputs, Action::kVectorEncodes}) {
    CHECK(cost(stochastic, action, PassKind::kForward) == cost(nearest, action, PassKind::kForward));
    CHECK(cost(stochastic, action, PassKind::kInputGrad) > cost(nearest, action, PassKind::kInputGrad));
  }
  CHECK(price_sample(stochastic, accelerator).chip_area_mm2 > price_sample(nearest, accelerator).chip_area_mm2);
}

TEST_CASE("a clock-gated lane costs little of an active one") {
  for (const std::string& name : scheme_names()) {
    const Scheme scheme = make_scheme(name);
    const double share = action_fj(Action::kLanesGatedVectorMacs, scheme) / action_fj(Action::kLanesVectorMacs, scheme);
    CHECK(share > 0.0);
    CHECK(share < 0.02);
  }
}

TEST_CASE("an LNS pass with 5-bit gradients costs less than one with 8-bit operands") {
  const Scheme scheme = make_scheme("lns8_g5");
  const Accelerator accelerator;
  const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kMadam, Optimizer::kSgdMomentum);
  const PassUnit forward = machine.pass_unit({}, PassKind::kForward);
  const PassUnit backward = machine.pass_unit({scheme.weight->name(), scheme.gradient->name(), scheme.gradient->name()},
                                              PassKind::kInputGrad);
  const auto fj = [&](const PassUnit& pass) {
    return price_of(bill_action(Action::kLanesVectorMacs, machine, pass), technology_45nm()).energy_fj;
  };
  CHECK(fj(backward) < fj(forward));
}

TEST_CASE("the accumulator's storage is charged in the collector and not in the lanes") {
  const Scheme scheme = make_scheme("lns8");
  const Accelerator accelerator;
  const Machine machine(accelerator, scheme, technology_45nm(), Optimizer::kMadam, Optimizer::kSgdMomentum);
  const Bill bill = bill_action(Action::kLanesVectorMacs, machine, machine.pass_unit({}, PassKind::kForward));
  for (const BillItem& item : bill.items) {
    CHECK(item.part != "registers_accumulator");
    CHECK(item.part != "registers_input");
  }
}

TEST_CASE("what has no price is refused with its name") {
  const Scheme scheme = make_scheme("lns8");
  Accelerator accelerator;
  accelerator.dram.type = "HBM9";
  CHECK_THROWS_WITH(price_sample(scheme, accelerator), Catch::Contains("no price for \"HBM9\""));
  auto trace = sample_trace(scheme);
  trace[0].formats.a = "lns(9,4,zero_code)";
  CHECK_THROWS_AS(price(trace, {}, scheme, technology_45nm(), kClock, kSgd), InputError);
}

TEST_CASE("the price table", "[.table]") {
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    std::printf("%-18s %-20s", std::string(action_table()[i].component).c_str(),
                std::string(action_table()[i].action).c_str());
    for (const std::string& name : scheme_names()) {
      std::printf(" %9.0f", action_fj(static_cast<Action>(i), make_scheme(name)));
    }
    std::printf("\n");
  }
  for (std::size_t c = 0; c < components().size(); ++c) {
    std::printf("%-18s area mm2, leakage mW", std::string(components()[c]).c_str());
    for (const char* name : {"lns8", "int8", "fp8", "bf16", "fp32"}) {
      const EnergyReport report = price_sample(make_scheme(name));
      std::printf("  %7.3f %7.2f", report.area_mm2[c], report.leakage_w[c] * 1e3);
    }
    std::printf("\n");
  }
}
