// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// Typed access to the fields of one JSON object; remembers which were read, so that a misspelt one is an error instead
/// of a default. Every function throws SpecError naming the field.
class RequestFields {
 public:
  /// `path` is put before field names in messages. The object must outlive this.
  explicit RequestFields(const nlohmann::json& object, std::string path = "");

  [[nodiscard]] bool has(const std::string& name) const { return object_.contains(name); }
  /// The field as it is; must exist.
  const nlohmann::json& raw(const std::string& name);
  std::string text(const std::string& name);
  double number(const std::string& name);
  double number(const std::string& name, double fallback);
  /// Positive and finite.
  double scale(const std::string& name);
  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high);
  unsigned natural(const std::string& name, unsigned low, unsigned high = kMaxNatural);
  unsigned natural_or(const std::string& name, unsigned fallback, unsigned low, unsigned high = kMaxNatural);
  /// Arrays of integers in [0, high], and of numbers.
  std::vector<std::uint32_t> codes(const std::string& name, std::uint32_t high);
  std::vector<double> numbers(const std::string& name);
  /// An LNS object or the name of a format.
  FormatPtr format(const std::string& name);
  /// The path of a field, for messages.
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + name; }

  /// Throws if there is a field that nothing has read.
  void check_all_used() const;

  static constexpr unsigned kMaxNatural = 1U << 30;

 private:
  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string> used_;
};

/// x as JSON; throws SpecError if it is not finite, as JSON has no such number.
[[nodiscard]] nlohmann::json finite_number(double x);

}  // namespace lnsim::numerics
