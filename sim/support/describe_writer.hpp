// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/support/describe_reader.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"

namespace lnsim {

namespace detail {

/// The name of an enumeration's value; a value without a name is a bug of the table.
template <class Enum, class Names>
[[nodiscard]] std::string_view name_of(Enum value, const Names& names) {
  for (const auto& [word, named] : names) {
    if (named == value) return word;
  }
  throw SimulationError("an enumeration value has no name");
}

}  // namespace detail

/// Writes a described struct as a JSON object with every field, defaults included, in the order of the description.
class Writer {
 public:
  explicit Writer(Json& object) : object_(object) { object_ = Json::object(); }

  template <class T>
  void field(std::string_view name, T& value, const Limits&, std::string_view text) {
    field(name, value, text);
  }
  template <class T>
  void field(std::string_view name, T& value, std::string_view) {
    if constexpr (detail::is_optional<T>) {
      if (value) put(name, *value);
    } else {
      put(name, value);
    }
  }

  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, const Limits&, std::string_view text) {
    choice(name, value, names, text);
  }
  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, std::string_view) {
    if constexpr (detail::is_optional<T>) {
      if (value) put(name, detail::name_of(*value, names));
    } else {
      put(name, detail::name_of(value, names));
    }
  }
  template <class Enum, class Names>
  void choice(std::string_view name, std::vector<Enum>& values, const Names& names, std::string_view) {
    Json array = Json::array();
    for (const Enum value : values) array.push_back(detail::name_of(value, names));
    put(name, std::move(array));
  }

  template <class T>
  void object(std::string_view name, T& value, const Limits&, std::string_view text) {
    object(name, value, text);
  }
  template <class T>
  void object(std::string_view name, T& value, std::string_view) {
    if constexpr (detail::is_optional<T>) {
      if (value) put(name, write(*value));
    } else {
      put(name, write(value));
    }
  }

  template <class T>
  void list(std::string_view name, std::vector<T>& values, const Limits&, std::string_view text) {
    list(name, values, text);
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& values, std::string_view) {
    Json array = Json::array();
    for (T& value : values) array.push_back(write(value));
    put(name, std::move(array));
  }

  template <class T>
  void values(std::string_view name, std::vector<T>& values, const Limits&, std::string_view) {
    put(name, values);
  }
  template <class T>
  void values(std::string_view name, std::vector<T>& values, std::string_view) {
    put(name, values);
  }

  template <class T>
  void map(std::string_view name, std::map<std::string, T>& values, const Limits&, std::string_view text) {
    map(name, values, text);
  }
  template <class T>
  void map(std::string_view name, std::map<std::string, T>& values, std::string_view) {
    Json object = Json::object();
    for (auto& [key, value] : values) {
      if constexpr (detail::Scalar<T>) {
        object[key] = value;
      } else {
        object[key] = write(value);
      }
    }
    put(name, std::move(object));
  }

  void raw(std::string_view name, Json& value, const Limits&, std::string_view text) { raw(name, value, text); }
  /// null stands for "not given" and is left out.
  void raw(std::string_view name, Json& value, std::string_view) {
    if (!value.is_null()) put(name, value);
  }

  void tag(std::string_view name, std::string_view value, std::string_view) { put(name, value); }

  template <class T>
  static Json write(T& value) {
    Json result;
    Writer writer(result);
    describe(value, writer);
    return result;
  }

 private:
  template <class T>
  void put(std::string_view name, T&& value) {
    object_[std::string(name)] = std::forward<T>(value);
  }

  Json& object_;
};

/// The struct as JSON, every field included; read_object reads it back to an equal struct.
template <class T>
[[nodiscard]] Json write_object(const T& value) {
  // describe() takes a mutable struct, because it serves reading too; Writer does not change it.
  return Writer::write(const_cast<T&>(value));
}

}  // namespace lnsim
