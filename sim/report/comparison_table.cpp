// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "sim/report/comparison.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/report_table.hpp"
#include "sim/report/text_table.hpp"

namespace lnsim::report {
namespace {

constexpr std::size_t kSchemesPerBlock = 6;
constexpr std::size_t kSchemeWidth = 16;

std::string value_text(double value, Unit unit) {
  switch (unit) {
    case Unit::kCount: return unit_text(value, "", 4);
    case Unit::kSeconds: return duration_text(value);
    case Unit::kShare: return percent_text(value);
    case Unit::kJoules: return unit_text(value, "J");
    case Unit::kBytes: return bytes_text(static_cast<std::uint64_t>(std::llround(value)));
    case Unit::kWattHours: return unit_text(value * 1e3, "Wh");
    case Unit::kGrams: return unit_text(value, "g");
    case Unit::kPlain:
    case Unit::kSquareMm: break;
  }
  return digits_text(value);
}

/// Two decimals where the ratio is of the order of one, so that columns stay narrow: "0.98", "1.00", "11.4".
std::string ratio_digits(double ratio) {
  if (ratio >= 0.995 && ratio < 1.0) return "1.00";
  if (ratio >= 0.1 && ratio < 1.0) return digits_text(ratio, 2);
  return digits_text(ratio, ratio < 0.1 ? 2 : 3);
}

std::string ratio_text(double value, double base) {
  if (base == 0.0) return "";
  return ratio_digits(value / base) + "x";
}

/// The first scheme, then some of the others: value and ratio side by side.
std::string block(const std::vector<const PricedTrace*>& columns, const Pricing& pricing) {
  TextTable table;
  for (std::size_t i = 1; i < columns.size(); ++i) table.close_up(2 * i + 1);
  std::vector<std::string> head{""};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    head.push_back(shortened(columns[i]->trace.scheme.name, kSchemeWidth));
    if (i > 0) head.emplace_back("");
  }
  table.row(std::move(head));
  std::string group;
  for (const Figure& figure : figures()) {
    const double base = figure.value(*columns.front());
    const bool all_zero =
        std::all_of(columns.begin(), columns.end(), [&](const auto* p) { return figure.value(*p) == 0.0; });
    if (all_zero) continue;
    if (figure.group != group) {
      group = figure.group;
      table.title(group == "Run" ? "Run " + pricing.run.name : group);
    }
    std::vector<std::string> cells{"  " + figure.label};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double value = figure.value(*columns[i]);
      cells.push_back(value_text(value, figure.unit));
      if (i > 0) cells.push_back(ratio_text(value, base));
    }
    table.row(std::move(cells));
  }
  return table.text();
}

/// What each PE was scaled to, and where that leaves a port short.
std::string iso_text(const IsoComparison& iso, const std::vector<PricedTrace>& priced) {
  TextTable table;
  table.row({"Lanes at equal " + std::string(energy::iso_budget_name(iso.budget)), "lanes per PE",
             std::string(energy::iso_budget_unit(iso.budget)), "residual"});
  std::string notes;
  for (std::size_t i = 0; i < priced.size(); ++i) {
    const energy::IsoLanes& one = iso.schemes[i];
    const double residual = one.spent / iso.limit() - 1.0;
    const std::string& name = priced[i].trace.scheme.name;
    table.row({"  " + name, std::to_string(one.lanes), digits_text(one.spent), percent_text(residual)});
    if (residual > 0.0) notes += name + " exceeds the budget with a single lane.\n";
    const PeParams& pe = priced[i].trace.accelerator.pe;
    if (one.lanes > pe.hold_rows * pe.a_port_vectors) {
      notes += name + ": " + std::to_string(one.lanes) + " lanes need more than " + std::to_string(pe.hold_rows) +
               " cycles to load from the port of buffer A (pe.a_port_vectors " + std::to_string(pe.a_port_vectors) +
               ") and wait for it.\n";
    }
  }
  return table.text() + notes + "\n";
}

std::string structure_text(const energy::StructureCost& cost) {
  return std::string(energy::structure_name(cost.structure)) +
         (cost.sign_split ? " with split signs" : " with signed trees");
}

/// Which structure of an LNS unit is best, against the scheme's own.
std::string structures_text(const std::string& scheme, std::uint64_t vector_size,
                            const energy::StructureChoice& choice) {
  if (!choice.best || !choice.smallest) return "";
  const energy::StructureCost& own = choice.costs[choice.own];
  const auto line = [&](const std::string& what, const energy::StructureCost& cost, const std::string& unit,
                        double ratio) {
    const bool same = &cost == &own;
    return "  " + what + ": " + structure_text(cost) + (same ? ", its own" : ", " + ratio_digits(ratio) + unit) + "\n";
  };
  const energy::StructureCost& best = choice.costs[*choice.best];
  const energy::StructureCost& smallest = choice.costs[*choice.smallest];
  return "Dot-product structure of " + scheme + " at vector size " + std::to_string(vector_size) + ": " +
         structure_text(own) + ".\n" +
         line("least energy", best, "x its datapath energy", best.datapath_j / own.datapath_j) +
         line("least area", smallest, "x the area of its lanes", smallest.lanes_area_mm2 / own.lanes_area_mm2);
}

}  // namespace

std::string comparison_table(const Comparison& comparison, const Pricing& pricing) {
  const std::vector<PricedTrace>& priced = comparison.priced;
  const PricedTrace& first = priced.front();
  std::string text = "One training iteration of " + subject_line(first.trace, pricing) + "\n";
  text += "Ratios (x) are to " + first.trace.scheme.name + "; electricity with PUE " + digits_text(pricing.pue.value) +
          ", grid " + pricing.grid.name + " " + digits_text(pricing.grid.g_per_kwh) + " g CO2e/kWh\n\n";
  if (comparison.iso) text += iso_text(*comparison.iso, priced);
  for (std::size_t begin = 1; begin == 1 || begin < priced.size(); begin += kSchemesPerBlock - 1) {
    std::vector<const PricedTrace*> columns{&first};
    for (std::size_t i = begin; i < std::min(priced.size(), begin + kSchemesPerBlock - 1); ++i) {
      columns.push_back(&priced[i]);
    }
    text += block(columns, pricing) + "\n";
  }
  for (const PricedTrace& one : priced) {
    if (one.chips_needed > 1) {
      text += one.trace.scheme.name + " does not fit the DRAM of one chip: it needs " +
              std::to_string(one.chips_needed) + " chips.\n";
    }
  }
  for (std::size_t i = 0; i < priced.size(); ++i) {
    if (!comparison.structures[i]) continue;
    const Trace& trace = priced[i].trace;
    text += structures_text(trace.scheme.name, trace.accelerator.pe.vector_size, *comparison.structures[i]);
  }
  return text + notes_text(first.trace, pricing);
}

}  // namespace lnsim::report
