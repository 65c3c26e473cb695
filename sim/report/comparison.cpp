// SPDX-License-Identifier: Apache-2.0
#include "sim/report/comparison.hpp"

#include <algorithm>
#include <utility>

#include "sim/report/report_json.hpp"
#include "sim/study/format_snr.hpp"

namespace lnsim::report {
namespace {

double as_double(std::uint64_t value) { return static_cast<double>(value); }

void add_time(std::vector<Figure>& list) {
  const std::string group = "Time";
  list.push_back({"cycles", group, "cycles", Unit::kCount, [](const auto& p) { return as_double(p.totals.cycles); }});
  list.push_back({"seconds", group, "time", Unit::kSeconds, [](const auto& p) { return p.energy.seconds; }});
  list.push_back(
      {"utilization", group, "utilization", Unit::kShare, [](const auto& p) { return p.totals.utilization; }});
}

void add_energy(std::vector<Figure>& list) {
  for (std::size_t c = 0; c < energy::components().size(); ++c) {
    const std::string name(energy::components()[c]);
    list.push_back({"energy_by_component_j." + name, "Energy by component", name, Unit::kJoules,
                    [c](const PricedTrace& p) { return p.energy.energy_j[c]; }});
  }
  constexpr std::array<const char*, energy::kScopes> kLabels{"datapath", "PE", "chip", "chip + DRAM"};
  for (std::size_t s = 0; s < energy::kScopes; ++s) {
    const std::string name(energy::scope_name(static_cast<energy::Scope>(s)));
    list.push_back({"energy_by_scope_j." + name, "Energy by scope", kLabels[s], Unit::kJoules,
                    [s](const PricedTrace& p) { return p.energy.scope_j[s]; }});
  }
  for (std::size_t s = 0; s < energy::kScopes; ++s) {
    const std::string name(energy::scope_name(static_cast<energy::Scope>(s)));
    list.push_back({"energy_per_mac_by_scope_j." + name, "Energy per MAC", kLabels[s], Unit::kJoules,
                    [s](const PricedTrace& p) { return energy_per_mac_j(p, static_cast<energy::Scope>(s)); }});
  }
}

void add_efficiency(std::vector<Figure>& list) {
  const std::string group = "Efficiency";
  list.push_back({"tops_per_w", group, "TOPS/W (chip)", Unit::kPlain,
                  [](const PricedTrace& p) { return p.energy.tops_per_w.value_or(0.0); }});
  list.push_back({"tops", group, "TOPS", Unit::kPlain, [](const auto& p) { return p.energy.tops; }});
  list.push_back(
      {"tops_per_mm2", group, "TOPS/mm2", Unit::kPlain, [](const auto& p) { return p.energy.tops_per_mm2; }});
  list.push_back({"edp_js", group, "energy x delay, Js", Unit::kPlain, [](const auto& p) { return p.energy.edp_js; }});
  list.push_back(
      {"peak_power_w", group, "peak power, W", Unit::kPlain, [](const auto& p) { return p.energy.peak_power_w; }});
  list.push_back({"power_w", group, "mean power, W", Unit::kPlain, [](const auto& p) { return p.energy.power_w; }});
  list.push_back(
      {"area_mm2", group, "area, mm2 (chip)", Unit::kSquareMm, [](const auto& p) { return p.energy.chip_area_mm2; }});
}

void add_numbers(std::vector<Figure>& list) {
  list.push_back({"snr_db", "Numbers", "signal/noise, dB", Unit::kPlain,
                  [](const PricedTrace& p) { return p.snr_db.value_or(0.0); }});
}

void add_memory(std::vector<Figure>& list) {
  const std::string group = "DRAM";
  const std::string key = "dram_footprint_bytes.";
  list.push_back(
      {"dram_bytes", group, "traffic", Unit::kBytes, [](const auto& p) { return as_double(p.totals.dram_bytes); }});
  list.push_back({"dram_footprint_total_bytes", group, "peak footprint", Unit::kBytes,
                  [](const auto& p) { return as_double(p.footprint.total()); }});
  list.push_back({key + "weights", group, "  weights", Unit::kBytes,
                  [](const auto& p) { return as_double(p.footprint.weights); }});
  list.push_back({key + "optimizer", group, "  optimizer", Unit::kBytes,
                  [](const auto& p) { return as_double(p.footprint.optimizer); }});
  list.push_back({key + "activations", group, "  activations", Unit::kBytes,
                  [](const auto& p) { return as_double(p.footprint.activations); }});
  list.push_back({key + "gradients", group, "  gradients", Unit::kBytes,
                  [](const auto& p) { return as_double(p.footprint.gradients); }});
  list.push_back({"bytes_per_parameter", group, "state, B/parameter", Unit::kPlain, [](const PricedTrace& p) {
                    const std::uint64_t parameters = p.trace.footprint.parameter_count;
                    return parameters == 0 ? 0.0 : as_double(p.footprint.model_state()) / as_double(parameters);
                  }});
}

void add_carbon(std::vector<Figure>& list) {
  list.push_back(
      {"carbon.kwh", "Iteration", "electricity", Unit::kWattHours, [](const auto& p) { return p.iteration_kwh; }});
  list.push_back(
      {"carbon.operational_g", "Iteration", "CO2e", Unit::kGrams, [](const auto& p) { return p.iteration_g; }});
  list.push_back({"run.kwh", "Run", "electricity", Unit::kWattHours, [](const auto& p) { return p.run_carbon.kwh; }});
  list.push_back(
      {"run.operational_g", "Run", "CO2e", Unit::kGrams, [](const auto& p) { return p.run_carbon.operational_g; }});
  list.push_back({"run.embodied_g", "Run", "CO2e of the hardware", Unit::kGrams,
                  [](const auto& p) { return p.run_carbon.embodied_g.value_or(0.0); }});
  list.push_back(
      {"run.total_g", "Run", "CO2e in all", Unit::kGrams, [](const auto& p) { return p.run_carbon.total_g; }});
  list.push_back({"run.total_range_g.low", "Run", "  at least", Unit::kGrams,
                  [](const auto& p) { return p.run_carbon.total_range_g.low; }});
  list.push_back({"run.total_range_g.high", "Run", "  at most", Unit::kGrams,
                  [](const auto& p) { return p.run_carbon.total_range_g.high; }});
  list.push_back({"run.seconds", "Run", "time", Unit::kSeconds, [](const auto& p) { return p.run_carbon.seconds; }});
}

/// Stores a value under "a.b" as {"a": {"b": value}}.
void put(Json& object, std::string key, Json value) {
  std::replace(key.begin(), key.end(), '.', '/');
  object[Json::json_pointer("/" + key)] = std::move(value);
}

Json iso_json(const IsoComparison& iso, const std::vector<PricedTrace>& priced) {
  Json json{{"budget", energy::iso_budget_name(iso.budget)},
            {"unit", energy::iso_budget_unit(iso.budget)},
            {"limit", iso.limit()},
            {"schemes", Json::object()}};
  for (std::size_t i = 0; i < priced.size(); ++i) {
    const energy::IsoLanes& one = iso.schemes[i];
    json["schemes"][priced[i].trace.scheme.name] = {
        {"lanes", one.lanes}, {"spent", one.spent}, {"residual", one.spent / iso.limit() - 1.0}};
  }
  return json;
}

Json structure_json(const energy::StructureChoice& choice) {
  const auto name = [&](std::size_t index) {
    const energy::StructureCost& cost = choice.costs[index];
    return Json{{"structure", energy::structure_name(cost.structure)}, {"sign_split", cost.sign_split}};
  };
  Json json{{"own", name(choice.own)},
            {"best", choice.best ? name(*choice.best) : Json()},
            {"smallest", choice.smallest ? name(*choice.smallest) : Json()},
            {"variants", Json::array()}};
  for (std::size_t i = 0; i < choice.costs.size(); ++i) {
    const energy::StructureCost& cost = choice.costs[i];
    Json variant = name(i);
    variant["energy_by_scope_j"] = {{"datapath", cost.datapath_j}, {"pe", cost.pe_j}};
    variant["lanes_area_mm2"] = cost.lanes_area_mm2;
    variant["reaches_clock"] = cost.reaches_clock;
    json["variants"].push_back(std::move(variant));
  }
  return json;
}

}  // namespace

const std::vector<Figure>& figures() {
  static const std::vector<Figure> list = [] {
    std::vector<Figure> made;
    add_time(made);
    add_energy(made);
    add_efficiency(made);
    add_numbers(made);
    add_memory(made);
    add_carbon(made);
    return made;
  }();
  return list;
}

Comparison make_comparison(std::vector<PricedTrace> priced, const Pricing& pricing, std::optional<IsoComparison> iso) {
  Comparison comparison;
  FormatSnr snr;
  for (PricedTrace& one : priced) {
    one.snr_db = snr.least_of(one.trace.scheme);
    const Trace& trace = one.trace;
    comparison.structures.push_back(energy::choose_structure(trace.entries, trace.accelerator, trace.scheme,
                                                             pricing.technology, static_cast<double>(trace.clock_hz),
                                                             energy::optimizers_of(trace.scheme, trace.family)));
  }
  comparison.priced = std::move(priced);
  comparison.iso = std::move(iso);
  return comparison;
}

Json write_comparison(const Comparison& comparison, const Pricing& pricing) {
  const std::vector<PricedTrace>& priced = comparison.priced;
  Json json;
  json["schema"] = "lnsim.comparison/1";
  json["base"] = priced.front().trace.scheme.name;
  json["ratios"] = Json::object();
  for (const PricedTrace& one : priced) {
    Json& ratios = json["ratios"][one.trace.scheme.name] = Json::object();
    for (const Figure& figure : figures()) {
      const double base = figure.value(priced.front());
      put(ratios, figure.key, base == 0.0 ? Json() : Json(figure.value(one) / base));
    }
  }
  json["snr_db"] = Json::object();
  for (const PricedTrace& one : priced) json["snr_db"][one.trace.scheme.name] = one.snr_db ? Json(*one.snr_db) : Json();
  if (comparison.iso) json["iso"] = iso_json(*comparison.iso, priced);
  json["structures"] = Json::object();
  for (std::size_t i = 0; i < priced.size(); ++i) {
    if (!comparison.structures[i]) continue;
    Json& entry = json["structures"][priced[i].trace.scheme.name] = structure_json(*comparison.structures[i]);
    entry["vector_size"] = priced[i].trace.accelerator.pe.vector_size;
  }
  json["reports"] = Json::array();
  for (const PricedTrace& one : priced) json["reports"].push_back(write_report(one, pricing));
  return json;
}

}  // namespace lnsim::report
