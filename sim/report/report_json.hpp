// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/report/pricing.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// report.json ("lnsim.report/1"). Energies in joules, times in seconds, carbon in grams of CO2e; cycles and counts are
/// exact; `totals` is one iteration, totals.run the whole training run. No time, path or host inside.
[[nodiscard]] Json write_report(const PricedTrace& priced, const Pricing& pricing);

}  // namespace lnsim::report
