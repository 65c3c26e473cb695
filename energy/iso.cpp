// SPDX-License-Identifier: Apache-2.0
#include "energy/iso.hpp"

#include <array>
#include <utility>

#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

struct BudgetInfo {
  IsoBudget budget;
  std::string_view name;
  std::string_view unit;
};

constexpr std::array<BudgetInfo, 3> kBudgets{{
    {IsoBudget::kArea, "area", "mm2"},
    {IsoBudget::kPower, "power", "W"},
    {IsoBudget::kBandwidth, "bandwidth", "bit/cycle"},
}};

constexpr std::uint64_t kMostLanes = 1024;  // [lanes] of an accelerator file; definition

/// Area and leakage of the components of scope pe, all PEs.
Price pe_hardware(const Machine& machine) {
  Price sum;
  for (std::size_t c = 0; c < components().size(); ++c) {
    if (c == clock_tree_component() || scope_of(components()[c]) > Scope::kPe) continue;
    const Price one = price_of(bill_hardware(c, machine), machine.technology);
    sum.area_um2 += one.area_um2;
    sum.leakage_nw += one.leakage_nw;
  }
  return sum;
}

double issuing_fj_per_cycle(const Machine& machine) {
  const PassUnit pass = machine.pass_unit({}, PassKind::kForward);
  const auto lanes = static_cast<double>(machine.accelerator.pe.lanes);
  const double a_vectors = lanes / static_cast<double>(machine.accelerator.pe.hold_rows);
  const std::array<std::pair<Action, double>, 6> per_cycle{{
      {Action::kBufferAReadVectors, a_vectors},
      {Action::kOperandRegisterAVectors, a_vectors},
      {Action::kBufferBReadVectors, 1.0},
      {Action::kOperandRegisterBVectors, 1.0},
      {Action::kLanesVectorMacs, lanes},
      {Action::kCollectorAccumulates, lanes},
  }};
  double sum = 0;
  for (const auto& [action, count] : per_cycle) {
    const Bill bill = bill_action(action, machine, pass);
    sum += count * (price_of(bill, machine.technology).energy_fj + clock_tree_fj(bill, machine.technology));
  }
  return sum;
}

}  // namespace

std::optional<IsoBudget> find_iso_budget(std::string_view name) {
  for (const BudgetInfo& info : kBudgets) {
    if (info.name == name) return info.budget;
  }
  return std::nullopt;
}

std::string_view iso_budget_name(IsoBudget budget) { return kBudgets[static_cast<std::size_t>(budget)].name; }

std::string_view iso_budget_unit(IsoBudget budget) { return kBudgets[static_cast<std::size_t>(budget)].unit; }

double pe_spends(IsoBudget budget, const Machine& machine, double clock_hz) {
  const auto pes = static_cast<double>(machine.accelerator.pes());
  switch (budget) {
    case IsoBudget::kArea: return pe_hardware(machine).area_um2 * 1e-6 / pes;
    case IsoBudget::kPower:
      LNSIM_CHECK(clock_hz > 0.0, "power needs a clock above 0 Hz");
      return issuing_fj_per_cycle(machine) * 1e-15 * clock_hz + pe_hardware(machine).leakage_nw * 1e-9 / pes;
    case IsoBudget::kBandwidth: break;
  }
  const PassUnit pass = machine.pass_unit({}, PassKind::kForward);
  const PeParams& pe = machine.accelerator.pe;
  return static_cast<double>(pe.lanes * pe.vector_size * (pass.a->bits() + pass.b->bits()));
}

IsoLanes iso_lanes(IsoBudget budget, double limit, const Accelerator& accelerator, const Scheme& scheme,
                   const Technology& technology, double clock_hz, const Optimizers& optimizers) {
  Accelerator candidate = accelerator;
  const auto spends = [&](std::uint64_t lanes) {
    candidate.pe.lanes = lanes;
    const Machine machine(candidate, scheme, technology, optimizers.weights, optimizers.parameters);
    return pe_spends(budget, machine, clock_hz);
  };
  std::uint64_t fits = 1;
  std::uint64_t exceeds = kMostLanes + 1;
  while (exceeds - fits > 1) {
    const std::uint64_t middle = fits + (exceeds - fits) / 2;
    (spends(middle) <= limit ? fits : exceeds) = middle;
  }
  return {fits, spends(fits)};
}

}  // namespace lnsim::energy
