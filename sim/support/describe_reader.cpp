// SPDX-License-Identifier: Apache-2.0
#include "sim/support/describe_reader.hpp"

#include <algorithm>
#include <cmath>

#include "sim/support/text.hpp"

namespace lnsim {

std::string limit_text(double limit) {
  if (!std::isfinite(limit)) return {};
  std::string text = format_double(limit);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string Range::text() const {
  if (min_text.empty() && max_text.empty()) return {};
  if (max_text.empty()) return (min_exclusive ? "> " : ">= ") + min_text;
  if (min_text.empty()) return "<= " + max_text;
  return min_exclusive ? "> " + min_text + " and <= " + max_text : min_text + ".." + max_text;
}

namespace detail {
namespace {

std::string kind_and_range(std::string kind, const Range& range) {
  const std::string text = range.text();
  return text.empty() ? kind : kind + " " + text;
}

/// Reports a number of the right kind that is out of range: the range alone says what was expected.
void add_out_of_range(const Json& json, const Range& range, Problems& problems) {
  problems.add("", brief_json(json), range.text());
}

/// True if the number is a whole number that binary64 holds exactly, however it is written (32, 32.0, 3.2e1).
bool is_whole(double value) {
  constexpr double kExactBelow = 9007199254740992.0;
  return std::floor(value) == value && std::fabs(value) < kExactBelow;
}

template <class T>
void read_whole(T& target, const Json& json, const Range& range, Problems& problems) {
  if (!json.is_number()) return problems.add("", brief_json(json), kind_and_range("an integer", range));
  const double value = json.get<double>();
  // A whole number beyond 64 bits arrives as a float; to the user it is an integer that is out of range.
  if (std::floor(value) != value) return problems.add("", brief_json(json), kind_and_range("an integer", range));
  const bool exact = json.is_number_integer() || is_whole(value);
  if (!exact || !range.contains(value)) return add_out_of_range(json, range, problems);
  if (json.is_number_unsigned()) {
    const auto whole = json.get<std::uint64_t>();
    // Near the end of the type the comparison in binary64 is too coarse.
    if (!std::in_range<T>(whole)) return add_out_of_range(json, range, problems);
    target = static_cast<T>(whole);
  } else {
    target = json.is_number_integer() ? static_cast<T>(json.get<std::int64_t>()) : static_cast<T>(value);
  }
}

}  // namespace

void read_scalar(bool& target, const Json& json, const Limits&, Problems& problems) {
  if (!json.is_boolean()) return problems.add("", brief_json(json), "true or false");
  target = json.get<bool>();
}

void read_scalar(std::string& target, const Json& json, const Limits& limits, Problems& problems) {
  if (!json.is_string()) return problems.add("", brief_json(json), "a string");
  const auto& text = json.get_ref<const std::string&>();
  const Range range = range_of<double>(limits);
  if (!range.contains(static_cast<double>(text.size()))) {
    return problems.add("", brief_json(json), "a string of length " + range.text());
  }
  target = text;
}

void read_number(double& target, const Json& json, const Range& range, Problems& problems) {
  if (!json.is_number()) return problems.add("", brief_json(json), kind_and_range("a number", range));
  const double value = json.get<double>();
  if (!range.contains(value)) return add_out_of_range(json, range, problems);
  target = value;
}

void read_integer(std::int64_t& target, const Json& json, const Range& range, Problems& problems) {
  read_whole(target, json, range, problems);
}

void read_integer(std::uint64_t& target, const Json& json, const Range& range, Problems& problems) {
  read_whole(target, json, range, problems);
}

std::optional<std::size_t> read_name(const Json& json, const std::vector<std::string_view>& names, Problems& problems) {
  const std::string word = json.is_string() ? json.get<std::string>() : std::string();
  if (json.is_string()) {
    const auto found = std::find(names.begin(), names.end(), word);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  problems.add("", brief_json(json), suggestion(word, names));
  return std::nullopt;
}

bool is_array_of_size(const Json& json, double min, double max, Problems& problems) {
  if (!json.is_array()) {
    problems.add("", brief_json(json), "an array");
    return false;
  }
  const Range range = range_of<std::size_t>({.min = min, .max = max});
  if (range.contains(static_cast<double>(json.size()))) return true;
  problems.add("", std::to_string(json.size()) + " items", range.text() + " items");
  return false;
}

bool is_object(const Json& json, Problems& problems) {
  if (json.is_object()) return true;
  problems.add("", brief_json(json), "an object");
  return false;
}

}  // namespace detail

const Json* Reader::find(std::string_view name, const Limits& limits) {
  known_.push_back(name);
  for (const auto& [key, value] : object_.get_ref<const Json::object_t&>()) {
    if (key == name) return &value;
  }
  if (limits.required) problems_.add("", "no \"" + std::string(name) + "\"", "it to be given");
  return nullptr;
}

void Reader::finish() {
  for (const auto& [key, value] : object_.get_ref<const Json::object_t&>()) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      problems_.add(pointer_to("", std::string_view(key)), "unknown key", suggestion(key, known_));
    }
  }
}

}  // namespace lnsim
