// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/accumulation/analysis.hpp"
#include "sim/support/json.hpp"

namespace lnsim::report {

/// "lnsim.accumulation/1": the options, one entry per row, the knees.
[[nodiscard]] Json write_accumulation(const AccumulationAnalysis& analysis, const std::string& workload,
                                      std::uint64_t batch);
/// One line per row (RFC 4180).
[[nodiscard]] std::string accumulation_csv(const AccumulationAnalysis& analysis);
[[nodiscard]] std::string accumulation_table(const AccumulationAnalysis& analysis, const std::string& workload,
                                             std::uint64_t batch);

}  // namespace lnsim::report
