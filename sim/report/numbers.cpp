// SPDX-License-Identifier: Apache-2.0
#include "sim/report/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lnsim::report {
namespace {

/// Decimal exponent of the value once it is rounded to so many digits (0 for 0).
int exponent_of(double value, int digits) {
  if (value == 0.0) return 0;
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(value),
                                 std::chars_format::scientific, digits - 1);
  const std::string_view view(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
  int exponent = 0;
  const char* at = view.data() + view.find('e') + 1;
  if (*at == '+') ++at;
  std::from_chars(at, end.ptr, exponent);
  return exponent;
}

std::string fixed_text(double value, int decimals) {
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, std::max(0, decimals));
  return {text.data(), end.ptr};
}

}  // namespace

std::string digits_text(double value, int digits) {
  const int exponent = exponent_of(value, digits);
  if (exponent >= -4 && exponent < 7) return fixed_text(value, digits - 1 - exponent);
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, digits - 1);
  return {text.data(), end.ptr};
}

std::string unit_text(double value, std::string_view unit, int digits) {
  constexpr std::array<std::string_view, 11> kPrefixes{"f", "p", "n", "u", "m", "", "k", "M", "G", "T", "P"};
  constexpr int kNone = 5;
  if (value == 0.0) return "0 " + std::string(unit);
  const int exponent = exponent_of(value, digits);
  const int thousands = (exponent >= 0 ? exponent : exponent - 2) / 3;
  const int index = std::clamp(kNone + thousands, 0, static_cast<int>(kPrefixes.size()) - 1);
  const double scaled = value / std::pow(1000.0, index - kNone);
  return digits_text(scaled, digits) + " " + std::string(kPrefixes[static_cast<std::size_t>(index)]) +
         std::string(unit);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> kPrefixes{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t index = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1024.0 && index + 1 < kPrefixes.size()) value /= 1024.0, ++index;
  const std::string number = index == 0 ? std::to_string(bytes) : digits_text(value, value >= 1000.0 ? 4 : 3);
  return number + " " + std::string(kPrefixes[index]) + "B";
}

std::string grouped_text(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string percent_text(double share) { return fixed_text(share * 100.0, 1) + " %"; }

std::string duration_text(double seconds) {
  constexpr double kHour = 3600.0;
  constexpr double kDay = 86400.0;
  if (seconds < 600.0) return unit_text(seconds, "s");
  if (seconds < 2 * kDay) return digits_text(seconds / kHour) + " h";
  return digits_text(seconds / kDay) + " days";
}

}  // namespace lnsim::report
