// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace lnsim::numerics {

/// Evaluates a document {"schema": "lnsim.numerics/1", "requests": [...]} and returns {"schema": ..., "results":
/// [...]}, one result per request in order; an invalid request yields {"error": "..."} in its place and sets any_error
/// (which is cleared otherwise). Throws SpecError if the document itself is not of that form.
[[nodiscard]] nlohmann::json evaluate_numerics(const nlohmann::json& requests, bool& any_error);

}  // namespace lnsim::numerics
