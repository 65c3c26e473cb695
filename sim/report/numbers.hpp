// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lnsim::report {

/// Numbers as people read them, the same in every locale.

/// `value` with so many significant digits, without exponent where 1e-4 <= |value| < 1e7: "12.3", "0.00420",
/// "1.23e+09".
[[nodiscard]] std::string digits_text(double value, int digits = 3);
/// With a decimal prefix from f to P before the unit: "12.3 mJ", "0 J".
[[nodiscard]] std::string unit_text(double value, std::string_view unit, int digits = 3);
/// Bytes with a binary prefix: "102 MiB", "512 B".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// "12,345,678"
[[nodiscard]] std::string grouped_text(std::uint64_t value);
/// Share of a whole: "12.3 %".
[[nodiscard]] std::string percent_text(double share);
/// A duration: "12.3 ms", "4.56 s", "3.20 h", "12.5 days".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace lnsim::report
