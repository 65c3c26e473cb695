// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/support/json.hpp"

namespace lnsim::report {

/// What the HTML page of a sweep ("lnsim.sweep_results/1") carries: a column per axis and metric, a row of numbers per
/// design. Of very many designs the front and an even selection of the others. Throws InputError, naming file and
/// pointer, where the page would miss something.
[[nodiscard]] Json sweep_view(const Json& root, const std::string& file);

}  // namespace lnsim::report
