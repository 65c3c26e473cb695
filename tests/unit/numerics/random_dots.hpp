// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/simd_targets.hpp"

namespace lnsim::numerics::test {

/// Seeded random choices; std::mt19937_64 is the same everywhere, the standard distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(unsigned percent) { return between(0, 99) < percent; }
  /// Uniform in [0, 1).
  double real() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

 private:
  std::mt19937_64 engine_;
};

/// Back to the best instruction set when a test ends.
struct TargetGuard {
  TargetGuard() = default;
  TargetGuard(const TargetGuard&) = delete;
  TargetGuard& operator=(const TargetGuard&) = delete;
  ~TargetGuard() { force_simd_target(""); }
};

/// `count` valid codes; `large_percent` of them near the top of the range, some zero.
std::vector<std::byte> random_codes(Random& random, const Format& format, std::size_t count, unsigned large_percent);

/// A spec of an LNS or INT unit that make_dot_unit accepts.
DotSpec random_lns_spec(Random& random);
DotSpec random_int_spec(Random& random);

/// One line that names everything in the spec, for messages.
std::string describe(const DotSpec& spec);

}  // namespace lnsim::numerics::test
