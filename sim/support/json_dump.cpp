// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::string quoted(const std::string& text) {
  try {
    std::string plain = Json(text).dump();
    const bool ascii = std::all_of(plain.begin(), plain.end(), [](char c) { return c >= 0 && c < '\x7f'; });
    if (ascii || escape_terminal(plain) == plain) return plain;
    return Json(text).dump(-1, ' ', true);
  } catch (const Json::type_error&) {
    throw SimulationError("a string that is not UTF-8 cannot be written as JSON: " + escape_terminal(text));
  }
}

std::string number(const Json& value) {
  if (!value.is_number_float()) return value.dump();
  const double x = value.get<double>();
  LNSIM_CHECK(std::isfinite(x), "NaN or infinity cannot be written as JSON");
  return format_double(x);
}

bool all_scalars(const Json& array) {
  return std::all_of(array.begin(), array.end(), [](const Json& item) { return !item.is_structured(); });
}

void append(std::string& out, const Json& value, std::size_t depth);

void append_items(std::string& out, const Json& value, std::size_t depth) {
  const bool one_line = value.is_array() && all_scalars(value);
  const std::string line_break = "\n" + std::string(2 * (depth + 1), ' ');
  bool first = true;
  for (const auto& [key, item] : value.items()) {
    if (!first) out += one_line ? ", " : ",";
    if (!one_line) out += line_break;
    if (value.is_object()) out += quoted(key) + ": ";
    append(out, item, depth + 1);
    first = false;
  }
  if (!one_line) out += "\n" + std::string(2 * depth, ' ');
}

void append(std::string& out, const Json& value, std::size_t depth) {
  if (value.is_structured()) {
    out += value.is_object() ? '{' : '[';
    if (!value.empty()) append_items(out, value, depth);
    out += value.is_object() ? '}' : ']';
  } else if (value.is_number()) {
    out += number(value);
  } else if (value.is_string()) {
    out += quoted(value.get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
}

}  // namespace

std::string dump_json(const Json& value) {
  std::string out;
  append(out, value, 0);
  out += '\n';
  return out;
}

std::string brief_json(const Json& value, std::size_t most_bytes) {
  if (value.is_object()) return value.empty() ? "an empty object" : "an object";
  if (value.is_array()) return value.empty() ? "an empty array" : "an array";
  std::string text = value.is_number() ? number(value) : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > most_bytes) {
    std::size_t cut = most_bytes;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // not inside a character
    text = text.substr(0, cut) + "...";
  }
  return escape_terminal(text);
}

}  // namespace lnsim
