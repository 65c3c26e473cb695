// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report_json.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sim/report/roofline.hpp"
#include "sim/trace/trace_json.hpp"

namespace lnsim::report {
namespace {

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// {"<component>": x} in the order of the components.
Json by_component(const std::vector<double>& values) {
  Json json = Json::object();
  for (std::size_t c = 0; c < values.size(); ++c) json[std::string(energy::components()[c])] = values[c];
  return json;
}

Json by_scope(const energy::EnergyReport& report, double per) {
  Json json = Json::object();
  for (std::size_t s = 0; s < energy::kScopes; ++s) {
    json[std::string(energy::scope_name(static_cast<energy::Scope>(s)))] = report.scope_j[s] / per;
  }
  return json;
}

Json footprint_json(const FootprintBytes& bytes) {
  return {{"weights", bytes.weights},
          {"optimizer", bytes.optimizer},
          {"activations", bytes.activations},
          {"gradients", bytes.gradients}};
}

Json range_json(const std::optional<carbon::Range>& range) {
  if (!range) return nullptr;
  return {{"low", range->low}, {"mid", range->mid}, {"high", range->high}};
}

Json data_energy_json(const energy::DataEnergy& energy) {
  return {
      {"lanes", energy.lanes_j}, {"operand_registers", energy.operand_registers_j}, {"collector", energy.collector_j}};
}

Json switching_json(const energy::SwitchingRatios& ratios) {
  return {{"operand_a", ratios.operand_a},
          {"operand_b", ratios.operand_b},
          {"products", ratios.products},
          {"tree", ratios.tree},
          {"accumulator", ratios.accumulator}};
}

/// Of one chip, as the energy of an iteration is.
Json iteration_carbon(const PricedTrace& priced) {
  std::optional<double> embodied;
  if (priced.embodied) embodied = priced.energy.seconds * priced.embodied->g_per_second.mid;
  return {{"operational_g", priced.iteration_g},
          {"embodied_g", optional_json(embodied)},
          {"total_g", priced.iteration_g + embodied.value_or(0.0)},
          {"kwh", priced.iteration_kwh}};
}

/// The carbon of making one accelerator.
Json embodied_json(const carbon::EmbodiedReport& embodied) {
  return {{"die_g", range_json(embodied.die_g)},
          {"package_g", embodied.package_g},
          {"dram_g", embodied.dram_g},
          {"total_g", range_json(embodied.total_g)},
          {"g_per_second", range_json(embodied.g_per_second)},
          {"yield", embodied.yield},
          {"process_nm", embodied.process_nm},
          {"dram_row", embodied.dram_row}};
}

Json run_json(const PricedTrace& priced, const Pricing& pricing) {
  const carbon::CarbonReport& carbon = priced.run_carbon;
  return {{"name", pricing.run.name},
          {"chips", pricing.chips},
          {"iterations", carbon.iterations},
          {"seconds", carbon.seconds},
          {"it_kwh", carbon.it_kwh},
          {"kwh", carbon.kwh},
          {"kwh_range", range_json(carbon.kwh_range)},
          {"operational_g", carbon.operational_g},
          {"operational_range_g", range_json(carbon.operational_range_g)},
          {"embodied_g", optional_json(carbon.embodied_g)},
          {"embodied_range_g", range_json(carbon.embodied_range_g)},
          {"total_g", carbon.total_g},
          {"total_range_g", range_json(carbon.total_range_g)},
          {"g_per_sample", carbon.g_per_sample}};
}

Json totals_json(const PricedTrace& priced, const Pricing& pricing) {
  const energy::EnergyReport& cost = priced.energy;
  const auto samples = static_cast<double>(priced.samples);
  Json json;
  json["cycles"] = priced.totals.cycles;
  json["seconds"] = cost.seconds;
  json["macs"] = priced.totals.macs;
  json["issued_macs"] = priced.totals.issued_macs;
  json["utilization"] = priced.totals.utilization;
  json["energy_j"] = cost.total_j;
  json["energy_by_scope_j"] = by_scope(cost, 1.0);
  json["power_w"] = cost.power_w;
  json["peak_power_w"] = cost.peak_power_w;
  json["edp_js"] = cost.edp_js;
  json["tops"] = cost.tops;
  json["tops_per_mm2"] = cost.tops_per_mm2;
  json["tops_per_w"] = optional_json(cost.tops_per_w);
  json["fastest_clock_hz"] = optional_json(cost.fastest_clock_hz);
  json["clock_limit"] = cost.clock_limit;
  json["area_mm2"] = cost.chip_area_mm2;
  if (priced.embodied) json["embodied"] = embodied_json(*priced.embodied);
  json["dram_bytes"] = priced.totals.dram_bytes;
  const Roofline roofline = roofline_of(priced.trace);
  json["roofline"] = roofline_json(roofline);
  json["roofline"]["peak_macs_per_cycle"] = roofline.peak_macs_per_cycle;
  json["roofline"]["peak_dram_bytes_per_cycle"] = roofline.peak_dram_bytes_per_cycle;
  json["dram_footprint_bytes"] = footprint_json(priced.footprint);
  json["carbon"] = iteration_carbon(priced);
  if (priced.totals.macs > 0) {
    json["energy_per_mac_by_scope_j"] = by_scope(cost, static_cast<double>(priced.totals.macs));
  }
  json["dram_footprint_total_bytes"] = priced.footprint.total();
  json["chips_needed"] = priced.chips_needed;
  if (const std::uint64_t parameters = priced.trace.footprint.parameter_count; parameters > 0) {
    json["parameters"] = parameters;
    json["bytes_per_parameter"] = static_cast<double>(priced.footprint.model_state()) / static_cast<double>(parameters);
  }
  json["per_sample"] = {{"seconds", cost.seconds / samples},
                        {"energy_j", cost.total_j / samples},
                        {"energy_by_scope_j", by_scope(cost, samples)},
                        {"operational_g", priced.iteration_g / samples}};
  json["run"] = run_json(priced, pricing);
  if (const std::optional<DataEnergySums> sums = data_energy_of(priced)) {
    json["data_energy"] = {{"nominal_j", data_energy_json(sums->nominal)},
                           {"measured_j", data_energy_json(sums->measured)}};
  }
  return json;
}

Json config_json(const PricedTrace& priced, const Pricing& pricing) {
  Json config = write_trace_config(priced.trace);
  const energy::Technology& technology = pricing.technology;
  config["technology"] = {{"name", technology.name},
                          {"node_nm", technology.node_nm},
                          {"voltage_v", technology.voltage_v},
                          {"temperature_c", technology.temperature_c}};
  config["grid"] = {{"region", pricing.grid.region},
                    {"name", pricing.grid.name},
                    {"g_per_kwh", pricing.grid.g_per_kwh},
                    {"year", pricing.grid.year},
                    {"source", pricing.grid.source}};
  if (pricing.grid.range) config["grid"]["range"] = range_json(pricing.grid.range);
  config["run"] = {{"name", pricing.run.name},
                   {"samples", pricing.run.samples},
                   {"epochs", pricing.run.epochs},
                   {"source", pricing.run.source}};
  config["pue"] = {{"value", pricing.pue.value}, {"source", pricing.pue.source}};
  if (pricing.run.epochs_range) config["run"]["epochs_range"] = range_json(pricing.run.epochs_range);
  if (pricing.pue.range) config["pue"]["range"] = range_json(pricing.pue.range);
  return config;
}

}  // namespace

Json write_report(const PricedTrace& priced, const Pricing& pricing) {
  const Trace& trace = priced.trace;
  Json json;
  json["schema"] = "lnsim.report/1";
  json["workload"] = trace.workload;
  json["accelerator"] = trace.accelerator.name;
  json["scheme"] = trace.scheme.name;
  json["technology"] = pricing.technology.name;
  json["engine"] = trace.engine;
  json["batch"] = trace.batch;
  json["micro_batches"] = trace.micro_batches;
  json["version"] = trace.version;
  if (trace.mapping.is_object() && !trace.mapping.value("reproducible", true)) json["reproducible"] = false;
  json["config"] = config_json(priced, pricing);
  json["notes"] = Json::array({"overlap between passes is not modelled: each pass starts when the one before has ended",
                               priced.embodied ? "embodied carbon: die, package and DRAM of the accelerator, for the "
                                                 "time of the run; the host, racks and building are not counted"
                                               : "embodied carbon is not counted"});
  json["totals"] = totals_json(priced, pricing);
  json["energy_by_component_j"] = by_component(priced.energy.energy_j);
  json["leakage_by_component_j"] = by_component(priced.energy.leakage_j);
  json["area_by_component_mm2"] = by_component(priced.energy.area_mm2);
  json["layers"] = Json::array();
  for (std::size_t i = 0; i < trace.entries.size(); ++i) {
    Json entry = write_entry(trace.entries[i]);
    entry["energy_j"] = by_component(priced.energy.entries[i].energy_j);
    entry["roofline"] = roofline_json(roofline_of(trace.entries[i], trace.accelerator, trace.clock_hz));
    if (const auto& measured = priced.data_energy[i]) {
      entry["data_energy"] = {{"switching", switching_json(measured->ratios)},
                              {"nominal_j", data_energy_json(measured->nominal)},
                              {"measured_j", data_energy_json(measured->measured)}};
    }
    json["layers"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace lnsim::report
