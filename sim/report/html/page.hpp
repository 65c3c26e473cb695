// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "energy/carbon/carbon.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// The HTML page of a report or a comparison: one file that needs no network, with style, scripts and data inside. Its
/// content security policy allows nothing to be loaded. Throws InputError as page_view().
[[nodiscard]] std::string html_page(const Document& document, const std::vector<carbon::Grid>& grids);

}  // namespace lnsim::report
