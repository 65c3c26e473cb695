// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/report/pricing.hpp"

namespace lnsim::report {

/// One line of a CSV file; cells are quoted where they have to be. Text that a spreadsheet would take for a formula (it
/// begins with = + - @, a tab or a carriage return and is no number) gets a ' in front, so that it stays text.
/// Control characters, line breaks among them, are escaped: a line is a row.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

/// layers.csv (RFC 4180, line feeds): one row per layer and pass; cycles, MACs and energy of one execution.
[[nodiscard]] std::string layers_csv(const PricedTrace& priced);

/// One row per figure, one column per scheme.
[[nodiscard]] std::string comparison_csv(const std::vector<PricedTrace>& priced);

}  // namespace lnsim::report
