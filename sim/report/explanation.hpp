// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "energy/accounting.hpp"
#include "energy/components/dot_product.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// What `explain` shows of a machine: lines of energy::explain(), grouped by action.
struct Explanation {
  std::string accelerator, scheme, technology;
  std::vector<energy::BillLine> lines;
};

/// {"schema": "lnsim.explain/1", "actions": [{"component", "action", "text", "energy_fj", "bill": [...]}],
///  "hardware": [{"component", "area_um2", "leakage_nw", "bill": [...]}], "vector_operations": [...]}
[[nodiscard]] Json write_explanation(const Explanation& explanation);
/// The same for people, with the sources of the prices numbered below.
[[nodiscard]] std::string explanation_table(const Explanation& explanation);
/// One row per line of a bill.
[[nodiscard]] std::string explanation_csv(const Explanation& explanation);

/// {"energy_fj_per_mac", "area_um2_per_mac", "leakage_nw_per_mac", "breakdown": {"<stage>": fJ},
///  "area_breakdown": {"<stage>": um2}}
[[nodiscard]] Json write_unit_price(const energy::UnitPrice& price);
[[nodiscard]] std::string unit_price_table(const energy::UnitPrice& price);

}  // namespace lnsim::report
