// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "energy/carbon/carbon.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// What the HTML page of a report ("lnsim.report/1"), a comparison, a training, an accumulator analysis or a sweep
/// carries: reports without the workload, mappings and counts, the components with their scopes, and the grids for its
/// selector; the others as they are, or as sweep_view().
/// Integers beyond 2^53, which JavaScript cannot hold, are strings. Throws InputError, naming file and pointer, for a
/// document of another kind or one without what the page shows.
[[nodiscard]] Json page_view(const Document& document, const std::vector<carbon::Grid>& grids);

}  // namespace lnsim::report
