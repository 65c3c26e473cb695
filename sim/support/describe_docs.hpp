// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/support/describe_writer.hpp"

namespace lnsim {

/// One row of a table of parameters.
struct FieldDoc {
  std::string pointer;   ///< "/pe/lanes"; "/layers/*/name" inside lists and maps
  std::string defaults;  ///< default as JSON, "required", or "" where there is none
  std::string range;     ///< "1..1024", or the names to choose from
  std::string unit;
  std::string text;
};

/// Lists the fields of a described struct, in order, for --help and documentation.
class DocWriter {
 public:
  DocWriter(std::string pointer, std::vector<FieldDoc>& rows) : pointer_(std::move(pointer)), rows_(rows) {}

  template <class T>
  void field(std::string_view name, T& value, const Limits& limits, std::string_view text) {
    if constexpr (detail::is_optional<T>) {
      add(name, value ? Json(*value) : Json(), scalar_range<typename T::value_type>(limits), limits, text);
    } else {
      add(name, value, scalar_range<T>(limits), limits, text);
    }
  }
  template <class T>
  void field(std::string_view name, T& value, std::string_view text) {
    field(name, value, {}, text);
  }

  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, const Limits& limits, std::string_view text) {
    Json json;
    if constexpr (!detail::is_optional<T>) json = detail::name_of(value, names);
    add(name, json, words_of(names), limits, text);
  }
  template <class Enum, class Names>
  void choice(std::string_view name, std::vector<Enum>&, const Names& names, const Limits& limits,
              std::string_view text) {
    add(name, Json(), "array of " + words_of(names), limits, text);
  }
  template <class Enum, class Names>
  void choice(std::string_view name, std::vector<Enum>& value, const Names& names, std::string_view text) {
    choice(name, value, names, Limits{}, text);
  }
  template <class T, class Names>
  void choice(std::string_view name, T& value, const Names& names, std::string_view text) {
    choice(name, value, names, Limits{}, text);
  }

  template <class T>
  void object(std::string_view name, T& value, const Limits& limits, std::string_view text) {
    add(name, Json(), "object", limits, text);
    if constexpr (detail::is_optional<T>) {
      typename T::value_type sub{};
      nested(pointer_to(pointer_, name), sub);
    } else {
      nested(pointer_to(pointer_, name), value);
    }
  }
  template <class T>
  void object(std::string_view name, T& value, std::string_view text) {
    object(name, value, {}, text);
  }

  template <class T>
  void list(std::string_view name, std::vector<T>&, const Limits& limits, std::string_view text) {
    add(name, Json(), "array of objects", limits, text);
    T item{};
    nested(pointer_to(pointer_, name) + "/*", item);
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& value, std::string_view text) {
    list(name, value, {}, text);
  }

  template <class T>
  void values(std::string_view name, std::vector<T>& value, const Limits& limits, std::string_view text) {
    add(name, value.empty() ? Json() : Json(value), "array of " + scalar_range<T>(limits), limits, text);
  }
  template <class T>
  void values(std::string_view name, std::vector<T>& value, std::string_view text) {
    values(name, value, {}, text);
  }

  template <class T>
  void map(std::string_view name, std::map<std::string, T>&, const Limits& limits, std::string_view text) {
    if constexpr (detail::Scalar<T>) {
      add(name, Json(), "object of " + scalar_range<T>(limits), limits, text);
    } else {
      add(name, Json(), "object of objects", limits, text);
      T item{};
      nested(pointer_to(pointer_, name) + "/*", item);
    }
  }
  template <class T>
  void map(std::string_view name, std::map<std::string, T>& value, std::string_view text) {
    map(name, value, {}, text);
  }

  void raw(std::string_view name, Json&, const Limits& limits, std::string_view text) {
    add(name, Json(), "JSON", limits, text);
  }
  void raw(std::string_view name, Json& value, std::string_view text) { raw(name, value, {}, text); }

  void tag(std::string_view name, std::string_view value, std::string_view text) {
    add(name, Json(), std::string(value), {.required = true}, text);
  }

 private:
  template <class Names>
  static std::string words_of(const Names& names) {
    std::string words;
    for (const auto& [word, named] : names) words += (words.empty() ? "" : ", ") + std::string(word);
    return words;
  }

  template <class T>
  static std::string scalar_range(const Limits& limits) {
    if constexpr (std::is_same_v<T, bool>) {
      return "true, false";
    } else if constexpr (std::is_same_v<T, std::string>) {
      return "string";
    } else {
      const std::string range = range_of<T>(limits).text();
      return range.empty() ? "number" : range;
    }
  }

  void add(std::string_view name, const Json& value, std::string range, const Limits& limits, std::string_view text);

  template <class T>
  void nested(std::string pointer, T& value) {
    DocWriter writer(std::move(pointer), rows_);
    describe(value, writer);
  }

  std::string pointer_;
  std::vector<FieldDoc>& rows_;
};

/// The fields of the described struct T and of the structs in it.
template <class T>
[[nodiscard]] std::vector<FieldDoc> fields_of() {
  std::vector<FieldDoc> rows;
  T defaults{};
  DocWriter writer("", rows);
  describe(defaults, writer);
  return rows;
}

}  // namespace lnsim
