// SPDX-License-Identifier: Apache-2.0
#include "energy/accounting.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "energy/clock.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::energy {
namespace {

constexpr std::size_t kActions = static_cast<std::size_t>(Action::kCount);
constexpr std::array<std::string_view, kScopes> kScopeNames{"datapath", "pe", "chip", "chip_dram"};

/// Joules per count of an action.
struct ActionPrices {
  std::array<double, kActions> own{};
  std::array<double, kActions> clock_tree{};
};

/// Prices of every action, built once for each distinct set of formats.
class PriceList {
 public:
  explicit PriceList(const Machine& machine) : machine_(machine) {}

  const ActionPrices& of(const TraceEntry& entry) {
    const auto asked = std::tie(entry.formats.a, entry.formats.b, entry.formats.out, entry.pass);
    const auto known = by_entry_.find(asked);
    return known != by_entry_.end() ? *known->second : *by_entry_.emplace(asked, &of_unit(entry)).first->second;
  }

 private:
  const ActionPrices& of_unit(const TraceEntry& entry) {
    const PassUnit unit = machine_.pass_unit(entry.formats, entry.pass);
    const auto key = std::make_tuple(unit.a->name(), unit.b->name(), unit.out->name(), unit.code->name());
    const auto [place, fresh] = lists_.try_emplace(key);
    if (fresh) fill(place->second, unit);
    return place->second;
  }
  void fill(ActionPrices& prices, const PassUnit& unit) const {
    for (std::size_t i = 0; i < kActions; ++i) {
      const Bill bill = bill_action(static_cast<Action>(i), machine_, unit);
      prices.own[i] = price_of(bill, machine_.technology).energy_fj * 1e-15;
      prices.clock_tree[i] = clock_tree_fj(bill, machine_.technology) * 1e-15;
    }
  }

  const Machine& machine_;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, ActionPrices> lists_;
  /// What entries of a kind have, which are asked for far more often than the names of their units differ.
  std::map<std::tuple<std::string, std::string, std::string, PassKind>, const ActionPrices*, std::less<>> by_entry_;
};

EntryEnergy price_entry(const TraceEntry& entry, const ActionPrices& prices, const std::vector<double>& leakage_w,
                        double clock_hz) {
  const std::size_t n = components().size();
  EntryEnergy result;
  result.dynamic_j.assign(n, 0.0);
  result.leakage_j.assign(n, 0.0);
  result.energy_j.assign(n, 0.0);
  result.clock_tree_j.assign(n, 0.0);
  result.seconds = static_cast<double>(entry.cycles) / clock_hz;
  for (std::size_t i = 0; i < kActions; ++i) {
    const auto action = static_cast<Action>(i);
    const auto count = static_cast<double>(entry.counts[action]);
    result.dynamic_j[component_of(action)] += count * prices.own[i];
    result.clock_tree_j[component_of(action)] += count * prices.clock_tree[i];
  }
  for (const double joules : result.clock_tree_j) result.dynamic_j[clock_tree_component()] += joules;
  for (std::size_t c = 0; c < n; ++c) {
    result.leakage_j[c] = leakage_w[c] * result.seconds;
    result.energy_j[c] = result.dynamic_j[c] + result.leakage_j[c];
  }
  return result;
}

void add_hardware(EnergyReport& report, const Machine& machine) {
  for (std::size_t c = 0; c < components().size(); ++c) {
    const Price hardware = price_of(bill_hardware(c, machine), machine.technology);
    report.area_mm2.push_back(hardware.area_um2 * 1e-6);
    report.leakage_w.push_back(hardware.leakage_nw * 1e-9);
    report.chip_area_mm2 += report.area_mm2.back();
  }
}

std::vector<double> leakage_of_components(const Machine& machine) {
  std::vector<double> leakage_w;
  for (std::size_t c = 0; c < components().size(); ++c) {
    leakage_w.push_back(price_of(bill_hardware(c, machine), machine.technology).leakage_nw * 1e-9);
  }
  return leakage_w;
}

void add_totals(EnergyReport& report) {
  for (std::size_t c = 0; c < components().size(); ++c) {
    report.energy_j[c] = report.dynamic_j[c] + report.leakage_j[c];
    report.total_j += report.energy_j[c];
    if (c == clock_tree_component()) continue;
    const auto smallest = static_cast<std::size_t>(scope_of(components()[c]));
    for (std::size_t s = smallest; s + 1 < kScopes; ++s) {
      report.scope_j[s] += report.energy_j[c] + report.clock_tree_j[c];
    }
  }
  report.scope_j[kScopes - 1] = report.total_j;
  const double chip = report.scope_j[static_cast<std::size_t>(Scope::kChip)];
  const auto macs = static_cast<double>(report.macs);
  if (report.seconds > 0.0) {
    report.power_w = report.total_j / report.seconds;
    report.tops = 2.0 * macs / report.seconds * 1e-12;
  }
  for (const EntryEnergy& entry : report.entries) {
    double joules = 0;
    for (const double part : entry.energy_j) joules += part;
    if (entry.seconds > 0.0) report.peak_power_w = std::max(report.peak_power_w, joules / entry.seconds);
  }
  report.edp_js = report.total_j * report.seconds;
  if (report.chip_area_mm2 > 0.0) report.tops_per_mm2 = report.tops / report.chip_area_mm2;
  if (chip > 0.0) report.tops_per_w = 2.0 * macs / chip * 1e-12;
  if (report.macs > 0) report.pj_per_mac = chip / macs * 1e12;
}

}  // namespace

std::string_view scope_name(Scope scope) { return kScopeNames[static_cast<std::size_t>(scope)]; }

Scope scope_of(std::string_view component) {
  if (component == "lanes" || component == "operand_registers" || component == "collector") return Scope::kDatapath;
  if (component == "buffer_a" || component == "buffer_b" || component == "ppu") return Scope::kPe;
  return component == "dram" ? Scope::kChipDram : Scope::kChip;
}

Optimizers optimizers_of(const Scheme& scheme, const std::string& family) {
  const Optimizer weights = scheme.optimizer(family);
  const Optimizer usual = family == "transformer" ? Optimizer::kAdam : Optimizer::kSgdMomentum;
  return {weights, weights == Optimizer::kMadam ? usual : weights};
}

EnergyReport price(std::span<const TraceEntry> entries, const Accelerator& accelerator, const Scheme& scheme,
                   const Technology& technology, double clock_hz, const Optimizers& optimizers) {
  LNSIM_CHECK(clock_hz > 0.0, "energy needs a clock above 0 Hz");
  const Machine machine(accelerator, scheme, technology, optimizers.weights, optimizers.parameters);
  const std::size_t n = components().size();
  EnergyReport report;
  report.dynamic_j.assign(n, 0.0);
  report.leakage_j.assign(n, 0.0);
  report.energy_j.assign(n, 0.0);
  report.clock_tree_j.assign(n, 0.0);
  add_hardware(report, machine);
  const std::vector<ClockBound> bounds = clock_bounds(machine);
  report.fastest_clock_hz = fastest_clock_hz(bounds);
  report.clock_limit = slowest(bounds).what;
  PriceList prices(machine);
  report.entries.reserve(entries.size());
  for (const TraceEntry& entry : entries) {
    EntryEnergy energy = price_entry(entry, prices.of(entry), report.leakage_w, clock_hz);
    const auto repeat = static_cast<double>(entry.repeat);
    for (std::size_t c = 0; c < n; ++c) {
      report.dynamic_j[c] += repeat * energy.dynamic_j[c];
      report.leakage_j[c] += repeat * energy.leakage_j[c];
      report.clock_tree_j[c] += repeat * energy.clock_tree_j[c];
    }
    report.seconds += repeat * energy.seconds;
    report.cycles = checked_add(report.cycles, checked_mul(entry.cycles, entry.repeat));
    report.macs = checked_add(report.macs, checked_mul(entry.macs, entry.repeat));
    report.entries.push_back(std::move(energy));
  }
  add_totals(report);
  return report;
}

struct EntryPricer::State {
  State(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology, double hz,
        const Optimizers& optimizers)
      : machine(accelerator, scheme, technology, optimizers.weights, optimizers.parameters),
        prices(machine),
        leakage_w(leakage_of_components(machine)),
        clock_hz(hz) {}

  Machine machine;
  PriceList prices;
  std::vector<double> leakage_w;
  double clock_hz;
  std::mutex mutex;  ///< guards prices
};

EntryPricer::EntryPricer(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology,
                         double clock_hz, const Optimizers& optimizers)
    : state_(std::make_unique<State>(accelerator, scheme, technology, clock_hz, optimizers)) {
  LNSIM_CHECK(clock_hz > 0.0, "energy needs a clock above 0 Hz");
}

EntryPricer::~EntryPricer() = default;

double EntryPricer::energy_j(const TraceEntry& entry) const {
  const ActionPrices* prices = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    prices = &state_->prices.of(entry);  // stays where it is: lists are never removed
  }
  double sum = 0.0;
  for (const double joules : price_entry(entry, *prices, state_->leakage_w, state_->clock_hz).energy_j) sum += joules;
  return sum;
}

double EntryPricer::seconds(const TraceEntry& entry) const {
  return static_cast<double>(entry.cycles) / state_->clock_hz;
}

}  // namespace lnsim::energy
