// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

/// comparison.json ("lnsim.comparison/1"): the reports, and under "ratios", per scheme, each figure relative to the
/// first scheme's (null where that is 0). `priced` is not empty; scheme names differ.
[[nodiscard]] Json write_comparison(const std::vector<PricedTrace>& priced, const Pricing& pricing);

/// What `compare` prints: a column for each scheme, ratios to the first below each value. Up to six schemes fit 120
/// columns; more of them are printed in blocks, each with the first scheme again.
[[nodiscard]] std::string comparison_table(const std::vector<PricedTrace>& priced, const Pricing& pricing);

}  // namespace lnsim::report
