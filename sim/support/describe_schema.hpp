// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/support/describe_writer.hpp"

namespace lnsim {

namespace detail {

/// A bound as JSON: whole numbers without a decimal point.
inline Json bound(double value) {
  constexpr double kExactBelow = 9007199254740992.0;
  if (std::floor(value) == value && std::fabs(value) < kExactBelow) return static_cast<std::int64_t>(value);
  return value;
}

/// JSON Schema of one scalar within its limits.
template <class T>
[[nodiscard]] Json scalar_schema(const Limits& limits) {
  Json schema = Json::object();
  if constexpr (is_optional<T>) {
    schema = scalar_schema<typename T::value_type>(limits);
    schema["type"] = Json::array({schema["type"], "null"});
  } else if constexpr (std::is_same_v<T, bool>) {
    schema["type"] = "boolean";
  } else if constexpr (std::is_same_v<T, std::string>) {
    schema["type"] = "string";
    if (std::isfinite(limits.min)) schema["minLength"] = bound(limits.min);
    if (std::isfinite(limits.max)) schema["maxLength"] = bound(limits.max);
  } else {
    schema["type"] = std::is_integral_v<T> ? "integer" : "number";
    const Range range = range_of<T>(limits);
    if (std::isfinite(range.min)) schema[range.min_exclusive ? "exclusiveMinimum" : "minimum"] = bound(range.min);
    if (std::isfinite(range.max)) schema["maximum"] = bound(range.max);
  }
  return schema;
}

}  // namespace detail

/// Writes the JSON Schema (draft 2020-12) of a described struct, with the defaults of a value-initialised one.
class SchemaWriter {
 public:
  explicit SchemaWriter(Json& schema) : schema_(schema) {
    schema_["type"] = "object";
    schema_["properties"] = Json::object();
    schema_["additionalProperties"] = false;
  }

  template <class T>
  void field(std::string_view name, T& value, const Limits& limits, std::string_view text) {
    Json schema = detail::scalar_schema<T>(limits);
    if constexpr (detail::is_optional<T>) {
      if (value && !limits.required) schema["default"] = *value;
    } else {
      if (!limits.required) schema["default"] = value;
    }
    put(name, std::move(schema), limits, text);
  }
  template <class T>
  void field(std::string_view name, T& value, std::string_view text) {
    field(name, value, {}, text);
  }

  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, const Limits& limits, std::string_view text) {
    Json schema{{"enum", Json::array()}};
    for (const auto& [word, named] : names) schema["enum"].push_back(word);
    if constexpr (detail::is_optional<T>) {
      schema["enum"].push_back(nullptr);
    } else {
      if (!limits.required) schema["default"] = detail::name_of(value, names);
    }
    put(name, std::move(schema), limits, text);
  }
  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, std::string_view text) {
    choice(name, value, names, Limits{}, text);
  }
  template <class Enum, class Names>
  void choice(std::string_view name, std::vector<Enum>&, const Names& names, const Limits& limits,
              std::string_view text) {
    Json words = Json::array();
    for (const auto& [word, named] : names) words.push_back(word);
    put(name, array_of({{"enum", std::move(words)}}, limits.min, limits.max), limits, text);
  }
  template <class Enum, class Names>
  void choice(std::string_view name, std::vector<Enum>& value, const Names& names, std::string_view text) {
    choice(name, value, names, Limits{}, text);
  }

  template <class T>
  void object(std::string_view name, T& value, const Limits& limits, std::string_view text) {
    if constexpr (detail::is_optional<T>) {
      typename T::value_type sub{};
      Json schema = schema_for(sub);
      schema["type"] = Json::array({"object", "null"});
      put(name, std::move(schema), limits, text);
    } else {
      put(name, schema_for(value), limits, text);
    }
  }
  template <class T>
  void object(std::string_view name, T& value, std::string_view text) {
    object(name, value, {}, text);
  }

  template <class T>
  void list(std::string_view name, std::vector<T>&, const Limits& limits, std::string_view text) {
    T item{};
    put(name, array_of(schema_for(item), limits.min, limits.max), limits, text);
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& value, std::string_view text) {
    list(name, value, {}, text);
  }

  template <class T>
  void values(std::string_view name, std::vector<T>&, const Limits& limits, std::string_view text) {
    const auto max = limits.max_items == Limits{}.max_items ? std::numeric_limits<double>::infinity()
                                                            : static_cast<double>(limits.max_items);
    put(name, array_of(detail::scalar_schema<T>(limits), static_cast<double>(limits.min_items), max), limits, text);
  }
  template <class T>
  void values(std::string_view name, std::vector<T>& value, std::string_view text) {
    values(name, value, {}, text);
  }

  template <class T>
  void map(std::string_view name, std::map<std::string, T>&, const Limits& limits, std::string_view text) {
    Json schema{{"type", "object"}};
    if constexpr (detail::Scalar<T>) {
      schema["additionalProperties"] = detail::scalar_schema<T>(limits);
    } else {
      T item{};
      schema["additionalProperties"] = schema_for(item);
    }
    put(name, std::move(schema), limits, text);
  }
  template <class T>
  void map(std::string_view name, std::map<std::string, T>& value, std::string_view text) {
    map(name, value, {}, text);
  }

  void raw(std::string_view name, Json&, const Limits& limits, std::string_view text) {
    put(name, Json::object(), limits, text);
  }
  void raw(std::string_view name, Json& value, std::string_view text) { raw(name, value, {}, text); }

  void tag(std::string_view name, std::string_view value, std::string_view text) {
    put(name, {{"const", value}}, {.required = true}, text);
  }

  template <class T>
  static Json schema_for(T& value) {
    Json schema = Json::object();
    SchemaWriter writer(schema);
    describe(value, writer);
    return schema;
  }

 private:
  static Json array_of(Json items, double min, double max) {
    Json schema{{"type", "array"}, {"items", std::move(items)}};
    if (std::isfinite(min)) schema["minItems"] = detail::bound(min);
    if (std::isfinite(max)) schema["maxItems"] = detail::bound(max);
    return schema;
  }

  void put(std::string_view name, Json schema, const Limits& limits, std::string_view text) {
    std::string description(text);
    if (*limits.unit != '\0') description += std::string(" [") + limits.unit + "]";
    if (!description.empty()) schema["description"] = std::move(description);
    schema_["properties"][std::string(name)] = std::move(schema);
    if (limits.required) schema_["required"].push_back(name);
  }

  Json& schema_;
};

/// JSON Schema of the described struct T. Rules of check() functions are beyond it.
template <class T>
[[nodiscard]] Json schema_of(std::string title) {
  T defaults{};
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", std::move(title)}};
  SchemaWriter writer(schema);
  describe(defaults, writer);
  return schema;
}

}  // namespace lnsim
