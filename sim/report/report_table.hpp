// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/report/pricing.hpp"

namespace lnsim::report {

/// What `simulate` prints: totals, energy by component and scope, stalls of the lanes, bounds, the costliest layers.
/// At most 120 columns, unless a name in a file is longer.
[[nodiscard]] std::string report_table(const PricedTrace& priced, const Pricing& pricing);

/// "resnet50, batch 1, lns_madam at 400 MHz, 45nm": what was simulated, for headings.
[[nodiscard]] std::string subject_line(const Trace& trace, const Pricing& pricing);
/// The sentences below every table: what is not modelled, and what was left out of this run.
[[nodiscard]] std::string notes_text(const Trace& trace, const Pricing& pricing);

}  // namespace lnsim::report
