// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "energy/data_energy.hpp"
#include "tests/unit/energy/gate_level.hpp"
#include "tests/unit/energy/schemes.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

numerics::DotSpec spec_of(const Scheme& scheme) {
  return dot_spec(scheme.dot_product, scheme.weight, scheme.activation, 32);
}

/// A pass of a thousand vector MACs with the given activity.
TraceEntry entry_of(const Scheme& scheme, const DataActivity& activity) {
  TraceEntry entry;
  entry.formats = {scheme.weight->name(), scheme.activation->name(), scheme.activation->name()};
  entry.cycles = 1000;
  entry.counts[Action::kLanesVectorMacs] = 1000;
  entry.counts[Action::kOperandRegisterAVectors] = 70;
  entry.counts[Action::kOperandRegisterBVectors] = 40;
  entry.counts[Action::kCollectorAccumulates] = 1000;
  entry.data = DataChecks{};
  entry.data->activity = activity;
  return entry;
}

MeasuredEnergy measure(const Scheme& scheme, const DataActivity& activity) {
  const Accelerator accelerator;
  DataPricer pricer(accelerator, scheme, technology_45nm(), kSgd);
  const auto result = pricer.price(entry_of(scheme, activity));
  REQUIRE(result);
  return *result;
}

double share(const Toggles& toggles) {
  return static_cast<double>(toggles.changed) / static_cast<double>(toggles.bits);
}

}  // namespace

TEST_CASE("the random operands of an integer toggle as the probabilities of their bits say") {
  Scheme scheme = make_scheme("int8");
  const DataActivity activity = random_activity(spec_of(scheme));
  // Normal codes with a deviation of 32: the sign and the low bits are even, those below the sign follow it.
  CHECK(share(activity.operand_a) == Approx(0.5).margin(0.02));
  CHECK(share(activity.operand_b) == Approx(0.5).margin(0.02));
  CHECK(activity.macs == 512 * 32);
  CHECK(activity.operand_a.bits == 512 * 32 * 8);
  CHECK(random_activity(spec_of(scheme)) == activity);
}

TEST_CASE("mantissas of wide random operands are filled") {
  CHECK(share(random_activity(spec_of(make_scheme("fp32"))).operand_a) > 0.4);
}

TEST_CASE("random switching costs what the prices say") {
  for (const std::string& name : scheme_names()) {
    INFO(name);
    const Scheme scheme = make_scheme(name);
    DataActivity activity = random_activity(spec_of(scheme));
    const MeasuredEnergy result = measure(scheme, activity);
    CHECK(result.ratios.products == Approx(1));
    CHECK(result.ratios.tree == Approx(1));
    CHECK(result.ratios.accumulator == Approx(1));
    CHECK(result.measured.lanes_j == Approx(result.nominal.lanes_j));
    CHECK(result.measured.collector_j == Approx(result.nominal.collector_j));
    // The bill of the broadcast wire stands for half of the bits, whatever the format.
    double wire_j = 0;
    const Accelerator accelerator;
    const Machine machine(accelerator, scheme, technology_45nm(), kSgd.weights, kSgd.parameters);
    for (const BillItem& item :
         bill_operand_register_b(machine, vector_bits_of(*scheme.activation, machine.accelerator.pe.vector_size))
             .items) {
      if (item.primitive == Primitive::kWire)
        wire_j += item.count * price_of(item, technology_45nm()).energy_fj * 1e-15;
    }
    CHECK(result.nominal.operand_registers_j - result.measured.operand_registers_j ==
          Approx(40 * wire_j * (1 - share(activity.operand_b) / 0.5)));
  }
}

TEST_CASE("the nominal energies are those of the report") {
  const Scheme scheme = make_scheme("lns8");
  const TraceEntry entry = entry_of(scheme, random_activity(spec_of(scheme)));
  const Accelerator accelerator;
  const EnergyReport report = price({&entry, 1}, accelerator, scheme, technology_45nm(), 4e8, kSgd);
  const MeasuredEnergy result = measure(scheme, entry.data->activity);
  const auto dynamic = [&](std::string_view name) {
    for (std::size_t c = 0; c < components().size(); ++c) {
      if (components()[c] == name) return report.dynamic_j[c];
    }
    return -1.0;
  };
  CHECK(result.nominal.lanes_j == Approx(dynamic("lanes")).epsilon(1e-12));
  CHECK(result.nominal.operand_registers_j == Approx(dynamic("operand_registers")).epsilon(1e-12));
  CHECK(result.nominal.collector_j == Approx(dynamic("collector")).epsilon(1e-12));
}

TEST_CASE("each kind of switching moves its own part, and clocks remain where nothing switches") {
  const Scheme scheme = make_scheme("lns8");
  const DataActivity random = random_activity(spec_of(scheme));
  const MeasuredEnergy usual = measure(scheme, random);
  DataActivity still = random;
  still.products.changed = still.tree.changed = still.accumulator.changed = 0;
  still.operand_a.changed = still.operand_b.changed = 0;
  const MeasuredEnergy none = measure(scheme, still);
  CHECK(none.measured.lanes_j > 0);
  CHECK(none.measured.lanes_j < 0.5 * usual.measured.lanes_j);
  CHECK(none.measured.operand_registers_j > 0);
  CHECK(none.measured.operand_registers_j < 0.8 * usual.measured.operand_registers_j);

  const auto with_half = [&](Toggles DataActivity::*part) {
    DataActivity activity = random;
    (activity.*part).changed /= 2;
    return measure(scheme, activity).measured;
  };
  CHECK(with_half(&DataActivity::products).lanes_j < usual.measured.lanes_j);
  CHECK(with_half(&DataActivity::products).collector_j == usual.measured.collector_j);
  CHECK(with_half(&DataActivity::tree).lanes_j < usual.measured.lanes_j);
  CHECK(with_half(&DataActivity::accumulator).lanes_j < usual.measured.lanes_j);
  CHECK(with_half(&DataActivity::accumulator).collector_j < usual.measured.collector_j);
  CHECK(with_half(&DataActivity::operand_b).operand_registers_j < usual.measured.operand_registers_j);
  CHECK(with_half(&DataActivity::operand_b).lanes_j == usual.measured.lanes_j);
  CHECK(with_half(&DataActivity::operand_a).operand_registers_j < usual.measured.operand_registers_j);
}

TEST_CASE("a tree whose sums are not known switches as the products do") {
  const Scheme scheme = make_scheme("fp8");
  DataActivity activity = random_activity(spec_of(scheme));
  REQUIRE(activity.tree.bits == 0);
  activity.products.changed /= 2;
  const MeasuredEnergy result = measure(scheme, activity);
  CHECK(result.ratios.tree == result.ratios.products);
}

TEST_CASE("passes without data or activity have no measured energy") {
  const Scheme scheme = make_scheme("lns8");
  const Accelerator accelerator;
  DataPricer pricer(accelerator, scheme, technology_45nm(), kSgd);
  TraceEntry entry = entry_of(scheme, {});
  CHECK(!pricer.price(entry));
  entry.data.reset();
  CHECK(!pricer.price(entry));
}
