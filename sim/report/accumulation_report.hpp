// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/accumulation/analysis.hpp"
#include "sim/accumulation/scheme_analysis.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// What `accum` found out about a network. The rows of both analyses are the same passes and lengths.
struct AccumulationReport {
  std::string workload;
  std::uint64_t batch = 1;
  AccumulationAnalysis analysis;
  std::optional<SchemeAnalysis> scheme;  ///< empty: no scheme was asked about
};

/// "lnsim.accumulation/1": the options, one entry per row, the knees.
[[nodiscard]] Json write_accumulation(const AccumulationReport& report);
/// One line per row (RFC 4180).
[[nodiscard]] std::string accumulation_csv(const AccumulationReport& report);
[[nodiscard]] std::string accumulation_table(const AccumulationReport& report);

}  // namespace lnsim::report
