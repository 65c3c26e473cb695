// SPDX-License-Identifier: Apache-2.0
#include "energy/data_energy.hpp"

#include <algorithm>
#include <vector>

#include "energy/components/components.hpp"
#include "sim/data/activity_counter.hpp"
#include "sim/data/random.hpp"

namespace lnsim::energy {
namespace {

constexpr std::uint64_t kSeed = 1;         // [1] of the random operands; definition
constexpr std::size_t kGroups = 512;       // [groups] enough for two digits of every ratio; assumed, 2026
constexpr std::size_t kGroupsPerSum = 16;  // [groups] of a sum; gate_level_45nm.json, 2026
constexpr double kDeviations = 4;          // [1] standard deviations to full scale; gate_level_45nm.json, 2026
constexpr double kFineScale = 0x1p-20;     // [1] below the resolution of one number; definition
constexpr unsigned kNarrowFloatBits = 8;   // [bit] wider floats are not scaled; gate_level_45nm.json, 2026

std::vector<std::byte> random_codes(const numerics::Format& format, std::size_t count, Xoshiro256& random) {
  std::vector<double> values(count);
  // next_normal has 20 bits; a second one far below it fills the mantissas of wider formats.
  for (double& value : values) value = next_normal(random) + next_normal(random) * kFineScale;
  const bool wide = format.kind() == numerics::FormatKind::kFloat && format.bits() > kNarrowFloatBits;
  std::vector<std::byte> codes(count * format.container_bytes());
  (void)format.quantize(values, wide ? 1.0 : format.usual_scale(kDeviations), codes.data());
  return codes;
}

/// Changes per bit; bits > 0.
double share(const Toggles& toggles) {
  return static_cast<double>(toggles.changed) / static_cast<double>(toggles.bits);
}

/// Of `now` over `usual`; 1 where either is not known.
double ratio(const Toggles& now, const Toggles& usual) {
  if (now.bits == 0 || usual.bits == 0 || usual.changed == 0) return 1.0;
  return share(now) / share(usual);
}

SwitchingRatios ratios_of(const DataActivity& now, const DataActivity& usual) {
  SwitchingRatios ratios;
  ratios.operand_a = ratio(now.operand_a, usual.operand_a);
  ratios.operand_b = ratio(now.operand_b, usual.operand_b);
  ratios.products = ratio(now.products, usual.products);
  ratios.tree = now.tree.bits == 0 || usual.tree.bits == 0 ? ratios.products : ratio(now.tree, usual.tree);
  ratios.accumulator = ratio(now.accumulator, usual.accumulator);
  return ratios;
}

/// One use of the item with that much switching, in fJ.
double switched_fj(const BillItem& item, double switching, const Technology& technology) {
  const double full = price_of(item, technology).energy_fj;
  if (item.primitive == Primitive::kRegisterIdle) return full;
  if (item.primitive != Primitive::kRegister) return full * switching;
  BillItem idle = item;
  idle.primitive = Primitive::kRegisterIdle;
  idle.activity = 1;
  const double clock = std::min(full, price_of(idle, technology).energy_fj);
  return clock + (full - clock) * switching;
}

/// Joules of one action, each item with the switching that `of` names for it.
template <class Of>
double switched_j(const Bill& bill, const Technology& technology, Of of) {
  double sum = 0;
  for (const BillItem& item : bill.items) sum += item.count * switched_fj(item, of(item), technology);
  return sum * 1e-15;
}

/// The switching that drives a stage of the lanes.
double of_stage(const BillItem& item, const SwitchingRatios& ratios, bool conversion_behind_tree) {
  if (item.part == "adder_tree") return ratios.tree;
  if (item.part == "lut_conversion") return conversion_behind_tree ? ratios.tree : ratios.products;
  if (item.part == "accumulate") return ratios.accumulator;
  return item.part == "control" ? 1.0 : ratios.products;
}

}  // namespace

DataEnergy& DataEnergy::add(const DataEnergy& other, double times) {
  lanes_j += times * other.lanes_j;
  operand_registers_j += times * other.operand_registers_j;
  collector_j += times * other.collector_j;
  return *this;
}

DataActivity random_activity(const numerics::DotSpec& spec) {
  const auto unit = numerics::make_dot_unit(spec);
  const std::size_t v = spec.vector_size;
  Xoshiro256 random(kSeed);
  const std::vector<std::byte> a = random_codes(*spec.a, kGroups * v, random);
  const std::vector<std::byte> b = random_codes(*spec.b, kGroups * v, random);
  ActivityCounter counter(*unit, 1, v);
  numerics::Psum sum;
  for (std::size_t group = 0; group < kGroups; ++group) {
    if (group % kGroupsPerSum == 0) sum = {};
    numerics::GroupBlock block;
    block.a = a.data() + group * v * spec.a->container_bytes();
    block.b = b.data() + group * v * spec.b->container_bytes();
    block.a_stride = block.b_stride = v;
    block.lanes = block.rows = 1;
    block.elements = static_cast<unsigned>(v);
    block.chunk_end = spec.accumulator.chunk && (group + 1) * v % *spec.accumulator.chunk == 0;
    const numerics::Psum before = sum;
    const bool saturated = unit->accumulate(block, &sum, 1) > 0;
    counter.group(block, &before, &sum, 1, saturated);
  }
  return counter.counts();
}

DataPricer::DataPricer(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology,
                       const Optimizers& optimizers)
    : machine_(accelerator, scheme, technology, optimizers.weights, optimizers.parameters) {}

const DataActivity& DataPricer::random_of(const PassUnit& unit) {
  const auto [place, fresh] = random_.try_emplace({unit.a->name(), unit.b->name()});
  if (fresh) {
    const auto v = static_cast<unsigned>(machine_.accelerator.pe.vector_size);
    place->second = random_activity(dot_spec(machine_.scheme.dot_product, unit.a, unit.b, v));
  }
  return place->second;
}

std::optional<MeasuredEnergy> DataPricer::price(const TraceEntry& entry) {
  if (!entry.data || entry.data->activity.operand_b.bits == 0) return std::nullopt;
  const PassUnit pass = machine_.pass_unit(entry.formats, entry.pass);
  MeasuredEnergy result;
  result.ratios = ratios_of(entry.data->activity, random_of(pass));
  const SwitchingRatios& ratios = result.ratios;
  const UnitWidths unit =
      unit_widths(machine_.scheme.dot_product, *pass.a, *pass.b, machine_.accelerator.pe.vector_size);
  const auto add = [&](Action action, double DataEnergy::*component, auto of) {
    const Bill bill = bill_action(action, machine_, pass);
    const auto count = static_cast<double>(entry.counts[action]);
    result.nominal.*component += count * (price_of(bill, machine_.technology).energy_fj * 1e-15);
    result.measured.*component += count * switched_j(bill, machine_.technology, of);
  };
  const auto same = [](double value) { return [value](const BillItem&) { return value; }; };
  add(Action::kLanesVectorMacs, &DataEnergy::lanes_j,
      [&](const BillItem& item) { return of_stage(item, ratios, unit.bins > 1); });
  add(Action::kLanesGatedVectorMacs, &DataEnergy::lanes_j, same(1.0));
  add(Action::kOperandRegisterAVectors, &DataEnergy::operand_registers_j, same(ratios.operand_a));
  // The bill of the broadcast wire assumes so many transitions per bit; here they are known.
  add(Action::kOperandRegisterBVectors, &DataEnergy::operand_registers_j, [&](const BillItem& item) {
    return item.primitive == Primitive::kWire ? share(entry.data->activity.operand_b) / item.activity
                                              : ratios.operand_b;
  });
  for (const Action action : {Action::kCollectorAccumulates, Action::kCollectorDrains, Action::kCollectorPreloads}) {
    add(action, &DataEnergy::collector_j,
        [&](const BillItem& item) { return item.primitive == Primitive::kDecoder ? 1.0 : ratios.accumulator; });
  }
  return result;
}

}  // namespace lnsim::energy
