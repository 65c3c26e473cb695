// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/support/json.hpp"
#include "sim/support/limits.hpp"
#include "sim/support/problems.hpp"

namespace lnsim {

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::same_as<T, std::string>;

// One overload per kind of JSON value: on success they store the value, otherwise they report at the current place.
void read_scalar(bool& target, const Json& json, const Limits& limits, Problems& problems);
void read_scalar(std::string& target, const Json& json, const Limits& limits, Problems& problems);
void read_number(double& target, const Json& json, const Range& range, Problems& problems);
void read_integer(std::int64_t& target, const Json& json, const Range& range, Problems& problems);
void read_integer(std::uint64_t& target, const Json& json, const Range& range, Problems& problems);

/// Numbers: the range of T and the limits hold together, so the narrowing below is exact for integers.
template <class T>
requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) void read_scalar(T& target, const Json& json,
                                                                             const Limits& limits, Problems& problems) {
  const Range range = range_of<T>(limits);
  const std::size_t before = problems.count();
  if constexpr (std::is_floating_point_v<T>) {
    double value = 0;
    read_number(value, json, range, problems);
    if (problems.count() == before) target = static_cast<T>(value);
  } else {
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> value = 0;
    read_integer(value, json, range, problems);
    if (problems.count() == before) target = static_cast<T>(value);
  }
}

/// Index of the JSON string among the names; reports and returns nothing if it is not there.
std::optional<std::size_t> read_name(const Json& json, const std::vector<std::string_view>& names, Problems& problems);

template <class Enum, std::size_t N>
void read_choice(Enum& target, const Json& json, const std::array<std::pair<std::string_view, Enum>, N>& names,
                 Problems& problems) {
  std::vector<std::string_view> words;
  for (const auto& [word, value] : names) words.push_back(word);
  if (const auto index = read_name(json, words, problems)) target = names[*index].second;
}

/// Reports a value that is not an array, or one with too few or too many items.
bool is_array_of_size(const Json& json, double min, double max, Problems& problems);
/// Reports a value that is not an object.
bool is_object(const Json& json, Problems& problems);

}  // namespace detail

/// Reads a described struct: each member of the object is checked and stored, problems are collected.
class Reader {
 public:
  Reader(const Json& object, Problems& problems) : object_(object), problems_(problems) {}

  template <class T>
  void field(std::string_view name, T& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) {
      if constexpr (detail::is_optional<T>) {
        target.reset();
        if (!json.is_null()) detail::read_scalar(target.emplace(), json, limits, problems_);
      } else {
        detail::read_scalar(target, json, limits, problems_);
      }
    });
  }
  template <class T>
  void field(std::string_view name, T& target, std::string_view text) {
    field(name, target, {}, text);
  }

  template <class T, class Names>
  void choice(std::string_view name, T& target, const Names& names, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) { read_choice_into(target, json, names, limits); });
  }
  template <class T, class Names>
  void choice(std::string_view name, T& target, const Names& names, std::string_view text) {
    choice(name, target, names, {}, text);
  }

  template <class T>
  void object(std::string_view name, T& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) { read_struct(target, json); });
  }
  template <class T>
  void object(std::string_view name, T& target, std::string_view text) {
    object(name, target, {}, text);
  }

  template <class T>
  void list(std::string_view name, std::vector<T>& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) {
      if (!detail::is_array_of_size(json, limits.min, limits.max, problems_)) return;
      read_items(target, json, [&](T& item, const Json& value) { read_struct(item, value); });
    });
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& target, std::string_view text) {
    list(name, target, {}, text);
  }

  template <class T>
  void values(std::string_view name, std::vector<T>& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) {
      const auto min = static_cast<double>(limits.min_items);
      const auto max = static_cast<double>(limits.max_items);
      if (!detail::is_array_of_size(json, min, max, problems_)) return;
      read_items(target, json,
                 [&](T& item, const Json& value) { detail::read_scalar(item, value, limits, problems_); });
    });
  }
  template <class T>
  void values(std::string_view name, std::vector<T>& target, std::string_view text) {
    values(name, target, {}, text);
  }

  template <class T>
  void map(std::string_view name, std::map<std::string, T>& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) {
      if (!detail::is_object(json, problems_)) return;
      target.clear();
      for (const auto& [key, value] : json.items()) {
        const Problems::Scope scope(problems_, std::string_view(key));
        if constexpr (detail::Scalar<T>) {
          detail::read_scalar(target[key], value, limits, problems_);
        } else {
          read_struct(target[key], value);
        }
      }
    });
  }
  template <class T>
  void map(std::string_view name, std::map<std::string, T>& target, std::string_view text) {
    map(name, target, {}, text);
  }

  void raw(std::string_view name, Json& target, const Limits& limits, std::string_view /*text*/) {
    with(name, limits, [&](const Json& json) { target = json; });
  }
  void raw(std::string_view name, Json& target, std::string_view text) { raw(name, target, {}, text); }

  void tag(std::string_view name, std::string_view value, std::string_view /*text*/) {
    with(name, {.required = true}, [&](const Json& json) { (void)detail::read_name(json, {value}, problems_); });
  }

  /// Reports the keys that no call named.
  void finish();

  /// Reads any described struct (or optional of one) at the current place; runs its check() if nothing was wrong.
  template <class T>
  static void read_struct(T& target, const Json& json, Problems& problems) {
    if constexpr (detail::is_optional<T>) {
      target.reset();
      if (!json.is_null()) read_struct(target.emplace(), json, problems);
    } else {
      if (!detail::is_object(json, problems)) return;
      const std::size_t before = problems.count();
      Reader reader(json, problems);
      describe(target, reader);
      reader.finish();
      if constexpr (requires { check(std::as_const(target), problems); }) {
        if (problems.count() == before) check(std::as_const(target), problems);
      }
    }
  }

 private:
  /// The member's value, or null if it is absent (reported if required). The name becomes a known one.
  const Json* find(std::string_view name, const Limits& limits);

  template <class Read>
  void with(std::string_view name, const Limits& limits, Read read) {
    const Json* const json = find(name, limits);
    if (json == nullptr) return;
    const Problems::Scope scope(problems_, name);
    read(*json);
  }

  template <class T>
  void read_struct(T& target, const Json& json) {
    read_struct(target, json, problems_);
  }

  template <class T, class Read>
  void read_items(std::vector<T>& target, const Json& json, Read read) {
    target.clear();
    target.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
      const Problems::Scope scope(problems_, i);
      T item{};
      read(item, json[i]);
      target.push_back(std::move(item));
    }
  }

  template <class T, class Names>
  void read_choice_into(T& target, const Json& json, const Names& names, const Limits&) {
    if constexpr (detail::is_optional<T>) {
      target.reset();
      if (!json.is_null()) detail::read_choice(target.emplace(), json, names, problems_);
    } else {
      detail::read_choice(target, json, names, problems_);
    }
  }
  template <class Enum, class Names>
  void read_choice_into(std::vector<Enum>& target, const Json& json, const Names& names, const Limits& limits) {
    if (!detail::is_array_of_size(json, limits.min, limits.max, problems_)) return;
    read_items(target, json,
               [&](Enum& item, const Json& value) { detail::read_choice(item, value, names, problems_); });
  }

  const Json& object_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

/// Reads a described struct from the value at `pointer` of a file. Throws one InputError with everything that is wrong.
template <class T>
[[nodiscard]] T read_object(const Json& json, const std::string& file, const std::string& pointer) {
  Problems problems(file, pointer);
  T result{};
  Reader::read_struct(result, json, problems);
  problems.throw_if_any();
  return result;
}

/// Reads a described struct from a whole document.
template <class T>
[[nodiscard]] T read_object(const Document& document) {
  return read_object<T>(document.root, document.file, "");
}

}  // namespace lnsim
