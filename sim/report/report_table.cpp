// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report_table.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/report/numbers.hpp"
#include "sim/report/roofline.hpp"
#include "sim/report/text_table.hpp"

namespace lnsim::report {
namespace {

constexpr std::size_t kTopLayers = 12;
constexpr std::size_t kNameWidth = 34;

std::string share_text(double part, double whole) { return whole > 0.0 ? percent_text(part / whole) : "-"; }

std::string totals_part(const PricedTrace& priced, const Pricing& pricing) {
  const energy::EnergyReport& cost = priced.energy;
  TextTable table(2);
  table.row({"cycles", grouped_text(priced.totals.cycles)});
  table.row({"time", duration_text(cost.seconds)});
  table.row({"useful MACs", grouped_text(priced.totals.macs)});
  table.row({"issued MACs", grouped_text(priced.totals.issued_macs)});
  table.row({"utilization", percent_text(priced.totals.utilization)});
  const Roofline roofline = roofline_of(priced.trace);
  const auto times = [](const std::optional<double>& ratio) { return ratio ? digits_text(*ratio) + " x" : "-"; };
  table.row({"cycles over bounds", times(roofline.over_compute_bound()) + " the compute bound, " +
                                       times(roofline.over_traffic_bound()) + " the compulsory-traffic bound"});
  table.row({"energy", unit_text(cost.total_j, "J")});
  table.row({"power", unit_text(cost.power_w, "W") + " in the mean, " + unit_text(cost.peak_power_w, "W") +
                          " in the hottest pass"});
  table.row({"energy x delay", unit_text(cost.edp_js, "Js")});
  table.row({"throughput", digits_text(cost.tops) + " TOPS, " + digits_text(cost.tops_per_mm2) + " TOPS/mm2, " +
                               (cost.tops_per_w ? digits_text(*cost.tops_per_w) + " TOPS/W" : "-") + " (chip)"});
  if (cost.fastest_clock_hz) {
    table.row({"fastest clock", unit_text(*cost.fastest_clock_hz, "Hz") + ", by " + cost.clock_limit});
  }
  table.row({"area (chip)", digits_text(cost.chip_area_mm2) + " mm2"});
  const std::optional<double> intensity = roofline.macs_per_dram_byte();
  table.row({"DRAM traffic", bytes_text(priced.totals.dram_bytes) + ", " + times(roofline.traffic_over_compulsory()) +
                                 " the compulsory; " + (intensity ? digits_text(*intensity) : "-") +
                                 " useful MACs per byte"});
  const FootprintBytes& bytes = priced.footprint;
  table.row({"DRAM footprint", bytes_text(bytes.total()) + ": weights " + bytes_text(bytes.weights) + ", optimizer " +
                                   bytes_text(bytes.optimizer) + ", activations " + bytes_text(bytes.activations) +
                                   ", gradients " + bytes_text(bytes.gradients)});
  if (priced.chips_needed > 1) table.row({"chips needed", std::to_string(priced.chips_needed)});
  if (const std::uint64_t parameters = priced.trace.footprint.parameter_count; parameters > 0) {
    const double per = static_cast<double>(bytes.model_state()) / static_cast<double>(parameters);
    table.row({"model state", digits_text(per) + " bytes per parameter, of " + grouped_text(parameters)});
  }
  table.row({"carbon", unit_text(priced.iteration_g, "g") + " CO2e, " + unit_text(priced.iteration_kwh, "kWh") + " (" +
                           pricing.grid.name + ", PUE " + digits_text(pricing.pue.value) + ")"});
  const carbon::CarbonReport& run = priced.run_carbon;
  const std::string chips = pricing.chips == 1 ? "one chip" : grouped_text(pricing.chips) + " chips";
  table.row({"run " + pricing.run.name, unit_text(run.operational_g, "g") + " CO2e, " + unit_text(run.kwh * 1e3, "Wh") +
                                            ", " + digits_text(run.iterations) + " iterations, " +
                                            duration_text(run.seconds) + " on " + chips});
  table.row({"  with the hardware", unit_text(run.total_g, "g") + " CO2e, " + unit_text(run.total_range_g.low, "g") +
                                        " to " + unit_text(run.total_range_g.high, "g") +
                                        " for PUE, grid, epochs and hardware from low to high"});
  if (priced.embodied && run.embodied_range_g) {
    const carbon::EmbodiedReport& embodied = *priced.embodied;
    table.row({"  making the hardware",
               unit_text(run.embodied_range_g->mid, "g") + " CO2e of the run (" +
                   unit_text(run.embodied_range_g->low, "g") + " to " + unit_text(run.embodied_range_g->high, "g") +
                   "), of " + unit_text(embodied.total_g.mid, "g") + " per accelerator: die " +
                   unit_text(embodied.die_g.mid, "g") + " (process of " + digits_text(embodied.process_nm) +
                   " nm), package " + unit_text(embodied.package_g, "g") + ", DRAM " +
                   unit_text(embodied.dram_g, "g")});
  }

  if (priced.trace.data) {
    DataChecks sum;
    for (const TraceEntry& entry : priced.trace.entries) {
      if (!entry.data) continue;
      sum.outputs += entry.data->outputs;
      sum.saturations += entry.data->saturations;
      sum.clipped += entry.data->clipped;
    }
    table.row({"outputs checked", grouped_text(sum.outputs) + ", all bit-exact; " + grouped_text(sum.clipped) +
                                      " clipped, " + grouped_text(sum.saturations) + " saturating sums"});
  }
  if (const std::optional<DataEnergySums> sums = data_energy_of(priced)) {
    const double nominal = sums->nominal.total_j();
    const double measured = sums->measured.total_j();
    table.row({"datapath switching", unit_text(measured, "J") + " with the operands moved, " + unit_text(nominal, "J") +
                                         " for random ones (" + percent_text(measured / nominal - 1.0) + "); " +
                                         share_text(static_cast<double>(sums->activity.zero_products),
                                                    static_cast<double>(sums->activity.macs)) +
                                         " of the products are zero"});
  }
  return table.text();
}

std::string components_part(const PricedTrace& priced) {
  const energy::EnergyReport& cost = priced.energy;
  TextTable table;
  table.row({"Energy by component", "energy", "share", "leakage", "area"});
  for (std::size_t c = 0; c < energy::components().size(); ++c) {
    table.row({"  " + std::string(energy::components()[c]), unit_text(cost.energy_j[c], "J"),
               share_text(cost.energy_j[c], cost.total_j), unit_text(cost.leakage_j[c], "J"),
               cost.area_mm2[c] > 0.0 ? digits_text(cost.area_mm2[c]) + " mm2" : "-"});
  }
  std::string text = table.text();
  TextTable scopes;
  scopes.row({"Energy by scope", "energy", "share", "per MAC"});
  for (std::size_t s = 0; s < energy::kScopes; ++s) {
    const auto scope = static_cast<energy::Scope>(s);
    scopes.row({"  " + std::string(energy::scope_name(scope)), unit_text(cost.scope_j[s], "J"),
                share_text(cost.scope_j[s], cost.total_j),
                priced.totals.macs > 0 ? unit_text(energy_per_mac_j(priced, scope), "J") : "-"});
  }
  return text + "\n" + scopes.text();
}

/// Sums of a map per entry, times repeats, largest first.
template <class Value>
std::vector<std::pair<std::string, double>> ranked(const std::vector<TraceEntry>& entries, Value value) {
  std::map<std::string, double> sums;
  for (const TraceEntry& entry : entries) value(entry, sums);
  std::vector<std::pair<std::string, double>> list(sums.begin(), sums.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

std::string lanes_part(const PricedTrace& priced) {
  const auto causes = ranked(priced.trace.entries, [](const TraceEntry& entry, auto& sums) {
    const auto lanes = entry.stalls.find("lanes");
    if (lanes == entry.stalls.end()) return;
    for (const auto& [cause, n] : lanes->second) {
      sums[cause] += static_cast<double>(n) * static_cast<double>(entry.repeat);
    }
  });
  const auto bounds = ranked(priced.trace.entries, [](const TraceEntry& entry, auto& sums) {
    if (entry.cycles > 0) {
      sums[entry.bound_by] += static_cast<double>(entry.cycles) * static_cast<double>(entry.repeat);
    }
  });
  double whole = 0;
  for (const auto& [cause, n] : causes) whole += n;
  std::string text = "Lanes in GEMM passes:";
  for (const auto& [cause, n] : causes) {
    if (n > 0) text += "  " + cause + " " + share_text(n, whole);
  }
  text += "\nCycles by what bounds the pass:";
  for (const auto& [bound, n] : bounds) {
    text += "  " + bound + " " + share_text(n, static_cast<double>(priced.totals.cycles));
  }
  return text + "\n";
}

std::string layers_part(const PricedTrace& priced) {
  const std::vector<TraceEntry>& entries = priced.trace.entries;
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto cycles = [&](std::size_t i) {
    return static_cast<double>(entries[i].cycles) * static_cast<double>(entries[i].repeat);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cycles(a) > cycles(b); });
  TextTable table(2);
  table.row({"Layers with most cycles", "pass", "repeat", "cycles", "share", "utilization", "energy", "bound by"});
  const PeParams& pe = priced.trace.accelerator.pe;
  const auto peak = static_cast<double>(priced.trace.accelerator.pes() * pe.lanes * pe.vector_size);
  for (std::size_t i = 0; i < std::min(kTopLayers, order.size()); ++i) {
    const TraceEntry& entry = entries[order[i]];
    double energy = 0;
    for (const double part : priced.energy.entries[order[i]].energy_j) energy += part;
    table.row(
        {"  " + shortened(entry.layer, kNameWidth), std::string(pass_name(entry.pass)), std::to_string(entry.repeat),
         grouped_text(entry.cycles), share_text(cycles(order[i]), static_cast<double>(priced.totals.cycles)),
         entry.macs == 0 ? "-" : share_text(static_cast<double>(entry.macs), peak * static_cast<double>(entry.cycles)),
         unit_text(energy * static_cast<double>(entry.repeat), "J"), entry.bound_by});
  }
  return table.text();
}

}  // namespace

std::string subject_line(const Trace& trace, const Pricing& pricing) {
  std::string batch = "batch " + std::to_string(trace.batch);
  if (trace.micro_batches > 1) {
    batch += " x " + std::to_string(trace.micro_batches) + " micro-batches";
  }
  return trace.workload + ", " + batch + ", on " + trace.accelerator.name + " at " +
         unit_text(static_cast<double>(trace.clock_hz), "Hz") + ", " + pricing.technology.name;
}

std::string notes_text(const Trace& trace, const Pricing& pricing) {
  std::string text;
  if (trace.passes.size() < 4 || !trace.layers.empty()) {
    text += "Only a part of the iteration was simulated (--passes, --layers); footprints are of the whole network.\n";
  }
  text += "Overlap between passes is not modelled: each pass starts when the one before has ended.\n";
  return text + (pricing.embodied
                     ? "Of the hardware, die, package and DRAM of the accelerator are counted; hosts, racks "
                       "and building are not.\n"
                     : "The carbon of making the hardware is not counted.\n");
}

std::string report_table(const PricedTrace& priced, const Pricing& pricing) {
  const Trace& trace = priced.trace;
  return "One training iteration of " + subject_line(trace, pricing) + ", scheme " + trace.scheme.name + "\n\n" +
         totals_part(priced, pricing) + "\n" + components_part(priced) + "\n" + lanes_part(priced) + "\n" +
         layers_part(priced) + "\n" + notes_text(trace, pricing);
}

}  // namespace lnsim::report
