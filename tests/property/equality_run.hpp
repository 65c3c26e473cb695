// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/property/coverage.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

struct EqualityOptions {
  std::uint64_t cases = 1000;
  std::uint64_t seed = 1;      ///< of the first case; case i has seed + i
  std::uint64_t jobs = 1;      ///< processes
  std::uint64_t failures = 3;  ///< each process stops after so many
  bool shrink = true;
};

/// A case on which the engines differ, shrunk.
struct EqualityFailure {
  std::uint64_t seed = 0;
  std::string text;
  std::optional<PassCase> made;
};

struct EqualityReport {
  Coverage coverage;
  std::vector<EqualityFailure> failures;
};

/// Runs random cases in processes of their own (SystemC has one simulation per process, and a case that crashes or
/// hangs takes only its process with it).
[[nodiscard]] EqualityReport run_equality(const EqualityOptions& options);

}  // namespace lnsim::test
