// SPDX-License-Identifier: Apache-2.0
// What the tests of the floating-point numerics share.
#pragma once

#include <cmath>
#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/numerics/float_format.hpp"

namespace lnsim::numerics::float_test {

inline const std::vector<FormatPtr>& float_formats() {
  static const std::vector<FormatPtr> formats = [] {
    std::vector<FormatPtr> all;
    append_float_formats(all);
    return all;
  }();
  return formats;
}

inline FormatPtr float_format_ptr(const std::string& name) {
  for (const FormatPtr& format : float_formats()) {
    if (format->name() == name) return format;
  }
  throw std::invalid_argument(name);
}

inline const FloatFormat& float_format(const std::string& name) {
  return dynamic_cast<const FloatFormat&>(*float_format_ptr(name));
}

/// Uniform in 0 .. n - 1 (nearly), the same on every platform.
inline std::uint64_t below(std::mt19937_64& random, std::uint64_t n) { return random() % n; }

/// A random significand and sign with an exponent in low .. high.
inline double random_double(std::mt19937_64& random, int low, int high) {
  const double significand = 1.0 + static_cast<double>(random() >> 12) * 0x1p-52;
  const int exponent = low + static_cast<int>(below(random, static_cast<std::uint64_t>(high - low + 1)));
  return std::ldexp((random() & 1) != 0 ? -significand : significand, exponent);
}

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// The rows of a golden file, comments left out.
inline std::vector<std::vector<std::string>> golden_fields(const std::string& name) {
  std::ifstream file(std::string(LNSIM_SOURCE_DIR) + "/tests/golden/numerics/" + name);
  if (!file) throw std::runtime_error("cannot read " + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') rows.push_back(split(line, ','));
  }
  return rows;
}

}  // namespace lnsim::numerics::float_test
