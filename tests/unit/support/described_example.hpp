// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/support/describe.hpp"

/// A small described struct with one field of every sort. In a namespace of its own, as users of the library are.
namespace example {

enum class Kind : std::uint8_t { kInt, kFloat };
inline constexpr std::array<std::pair<std::string_view, Kind>, 2> kKinds = {
    {{"int", Kind::kInt}, {"float", Kind::kFloat}}};

struct Lane {
  std::uint32_t lanes = 32;
  double scale = 1.0;
  std::optional<int> fraction;
  bool operator==(const Lane&) const = default;
};

template <class V>
void describe(Lane& p, V& v) {
  v.field("lanes", p.lanes, {.min = 1, .max = 1024}, "dot-product lanes per PE");
  v.field("scale", p.scale, {.min = 0, .unit = "V", .min_exclusive = true}, "supply");
  v.field("fraction", p.fraction, {.min = 0}, "bits kept");
}

struct Machine {
  std::string name;
  std::uint64_t bytes = 0;
  std::int8_t tiny = 0;
  bool fast = false;
  Kind kind = Kind::kInt;
  std::vector<Kind> kinds;
  Lane pe;
  std::optional<Lane> spare;
  std::vector<Lane> layers;
  std::vector<int> padding;
  std::map<std::string, Lane> states;
  std::map<std::string, double> prices;
  lnsim::Json format;
  bool operator==(const Machine&) const = default;
};

template <class V>
void describe(Machine& p, V& v) {
  v.tag("schema", "example.machine/1", "kind of file");
  v.field("name", p.name, {.min = 1, .required = true}, "name");
  v.field("bytes", p.bytes, {.unit = "bytes"}, "size");
  v.field("tiny", p.tiny, "a small number");
  v.field("fast", p.fast, "a switch");
  v.choice("kind", p.kind, kKinds, "kind of number");
  v.choice("kinds", p.kinds, kKinds, {.max = 2}, "kinds of numbers");
  v.object("pe", p.pe, "the PE");
  v.object("spare", p.spare, "another PE");
  v.list("layers", p.layers, {.max = 3}, "layers");
  v.values("padding", p.padding, {.min = 0, .max = 64, .max_items = 2}, "rows, columns");
  v.map("states", p.states, "states");
  v.map("prices", p.prices, {.min = 0}, "prices");
  v.raw("format", p.format, "a format");
}

inline void check(const Machine& p, lnsim::Problems& problems) {
  if (p.fast && p.bytes == 0) problems.add("/bytes", "0", "at least 1 in a fast machine");
}

/// The message of the InputError that the call throws, or "" if it throws none.
template <class Call>
std::string input_error_of(Call call) {
  try {
    (void)call();
  } catch (const lnsim::InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace example
