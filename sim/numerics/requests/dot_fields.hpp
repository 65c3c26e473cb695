// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/requests/request_fields.hpp"

/// Fields that the requests of dot products share.
namespace lnsim::numerics {

/// "floor", "rhe" or "zero"; throws SpecError for another word.
[[nodiscard]] Rounding read_rounding(RequestFields& fields, const std::string& name, Rounding fallback);

/// An accumulator object, perhaps with a chunk and an outer one. integer_operands: without guard bits and rounding.
[[nodiscard]] AccumulatorSpec read_accumulator(const nlohmann::json& object, const std::string& path,
                                               bool integer_operands);

/// F: an integer, or null for exact; `exact` says what its absence means.
void read_tree_bits(RequestFields& fields, bool exact, std::optional<unsigned>& tree_fraction_bits, bool& tree_exact);

/// L, C, F and structure of an LNS unit.
void read_lns_tree(RequestFields& fields, const Format& a, const Format& b, LnsConversion& conversion,
                   std::optional<unsigned>& tree_fraction_bits, bool& tree_exact);

}  // namespace lnsim::numerics
