// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "energy/iso.hpp"
#include "energy/structures.hpp"
#include "sim/report/pricing.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// How a figure is printed.
enum class Unit : std::uint8_t { kCount, kSeconds, kShare, kJoules, kPlain, kBytes, kWattHours, kGrams, kSquareMm };

/// One figure of an iteration that schemes are compared by: the rows of tables and CSV files, the keys of ratios.
struct Figure {
  std::string key;    ///< "energy_by_scope_j.pe": its place in "totals" of a report, where it has one
  std::string group;  ///< heading in tables
  std::string label;
  Unit unit = Unit::kPlain;
  std::function<double(const PricedTrace&)> value;
};

/// All figures, in the order of the table.
[[nodiscard]] const std::vector<Figure>& figures();

/// PEs scaled to spend what one of the first scheme spends.
struct IsoComparison {
  energy::IsoBudget budget = energy::IsoBudget::kArea;
  std::vector<energy::IsoLanes> schemes;  ///< in the order of the comparison; the first is the limit

  [[nodiscard]] double limit() const { return schemes.front().spent; }
};

/// One iteration under several schemes. Not empty; scheme names differ; the first is the base of all ratios.
struct Comparison {
  std::vector<PricedTrace> priced;
  std::optional<IsoComparison> iso;  ///< empty: one machine for all
  /// Per scheme; empty for those without a choice.
  std::vector<std::optional<energy::StructureChoice>> structures;
};
/// Prices the structures of each scheme's unit too. Throws as energy::price().
[[nodiscard]] Comparison make_comparison(std::vector<PricedTrace> priced, const Pricing& pricing,
                                         std::optional<IsoComparison> iso = {});

/// comparison.json ("lnsim.comparison/1"): the reports, and under "ratios", per scheme, each figure relative to the
/// first scheme's (null where that is 0).
[[nodiscard]] Json write_comparison(const Comparison& comparison, const Pricing& pricing);

/// What `compare` prints: a column for each scheme, ratios to the first below each value. Up to six schemes fit 120
/// columns; more of them are printed in blocks, each with the first scheme again.
[[nodiscard]] std::string comparison_table(const Comparison& comparison, const Pricing& pricing);

}  // namespace lnsim::report
