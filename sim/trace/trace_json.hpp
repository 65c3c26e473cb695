// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/support/json.hpp"
#include "sim/support/json_view.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// The "layers" entry of a trace: everything that the engine reported, every count named.
/// `zeros`: with the counts that are 0, which a reader takes for granted.
[[nodiscard]] Json write_entry(const TraceEntry& entry, bool zeros = true);

/// Reads what write_entry wrote. Throws InputError (with `pointer`, the place of the entry in `file`) for wrong types,
/// unknown keys, and names of passes, components or actions that do not exist. Counts that are left out are 0.
[[nodiscard]] TraceEntry read_entry(Json json, const std::string& file, const std::string& pointer);
/// The same from where the text lies, which spares building the counts and stalls as Json. Throws UnsoundJson too.
[[nodiscard]] TraceEntry read_entry(const JsonView& json, const std::string& file, const std::string& pointer);

/// JSON Schema of an entry.
[[nodiscard]] Json entry_schema();

/// {"<component>": {"<action>": n}} with every action of every component, in the order of the actions.
[[nodiscard]] Json write_counts(const Counts& counts, bool zeros = true);
/// [{"m", "n", "k", "groups", "repeat"}]
[[nodiscard]] Json write_gemms(const std::vector<GemmShape>& gemms);

/// The pass of that name; throws InputError.
[[nodiscard]] PassKind find_pass(const std::string& name, const std::string& file, const std::string& pointer);

}  // namespace lnsim
