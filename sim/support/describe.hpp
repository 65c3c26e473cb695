// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Described parameter structs: one declaration per parameter gives its JSON name, default, range, unit and text to
/// everything that needs them. A struct takes part through one function that argument-dependent lookup finds:
///
///   template <class V>
///   void describe(LaneParams& p, V& v) {
///     v.field("lanes", p.lanes, {.min = 1, .max = 1024}, "dot-product lanes per PE");
///     v.choice("type", p.type, kTypeNames, "kind of format");      // std::array<std::pair<std::string_view, Enum>, N>
///     v.object("pe", p.pe, "the processing element");              // a described struct or std::optional of one
///     v.list("layers", p.layers, {.max = 100000}, "the layers");   // std::vector of a described struct
///     v.values("padding", p.padding, {.min = 0}, "rows, columns"); // std::vector of numbers or strings
///     v.map("states", p.states, "optimizer states");               // std::map<std::string, described struct or
///     number> v.raw("format", p.format_json, "a number format");           // Json, read by hand later v.tag("schema",
///     "lnsim.scheme/1", "kind of file");           // a required string with one value
///   }
///   void check(const LaneParams& p, Problems& problems);           // optional: rules over several fields
///
/// field takes integers, floating point, bool, std::string and std::optional of these; choice takes an enumeration, a
/// std::optional or a std::vector of one. Every call but tag may pass Limits before the text. A field that is not
/// required keeps the struct's default; an optional accepts null, and an empty one is left out when written, so its
/// default must be empty. Structs that contain themselves are not supported.

#include "sim/support/describe_docs.hpp"
#include "sim/support/describe_reader.hpp"
#include "sim/support/describe_schema.hpp"
#include "sim/support/describe_writer.hpp"
#include "sim/support/limits.hpp"
#include "sim/support/problems.hpp"
