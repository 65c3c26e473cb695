// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/support/json.hpp"

namespace lnsim {

/// What became of a design of a sweep.
enum class DesignStatus : std::uint8_t {
  kDone,      ///< has metrics
  kFailed,    ///< has an error
  kExcluded,  ///< breaks a constraint over the axes; was not evaluated
};

/// A row of a sweep's results.
struct StoredDesign {
  std::uint64_t number = 0;
  DesignStatus status = DesignStatus::kDone;
  std::vector<Json> values;     ///< of the axes
  std::vector<double> metrics;  ///< in the order of metric_names(); empty unless done
  std::string error;
};

/// "done", "failed" or "excluded".
[[nodiscard]] const char* status_name(DesignStatus status);
/// Anything else than the other two names is "excluded".
[[nodiscard]] DesignStatus status_of(const std::string& name);

}  // namespace lnsim
