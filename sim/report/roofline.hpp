// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sim/arch/accelerator.hpp"
#include "sim/support/json.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim::report {

/// Where a pass, or an iteration, stands between the two bounds that no mapping changes: the machine's MACs per cycle,
/// and its DRAM bandwidth for the bytes that any schedule moves (the peak of both DRAM models).
struct Roofline {
  std::uint64_t cycles = 0;
  std::uint64_t compute_bound_cycles = 0;  ///< useful MACs / (PEs x lanes x vector size), rounded up
  std::uint64_t traffic_bound_cycles = 0;  ///< compulsory bytes / bandwidth, rounded up
  std::uint64_t macs = 0;
  std::uint64_t dram_bytes = 0;             ///< moved
  std::uint64_t compulsory_dram_bytes = 0;  ///< 0: not known
  std::uint64_t peak_macs_per_cycle = 0;    ///< of all PEs
  double peak_dram_bytes_per_cycle = 0;     ///< of the core clock

  /// Useful MACs per DRAM byte moved; empty without MACs or bytes.
  [[nodiscard]] std::optional<double> macs_per_dram_byte() const;
  /// Cycles over those of a bound; empty where the bound is 0.
  [[nodiscard]] std::optional<double> over_compute_bound() const;
  [[nodiscard]] std::optional<double> over_traffic_bound() const;
  /// DRAM bytes moved over the compulsory ones; empty where those are not known.
  [[nodiscard]] std::optional<double> traffic_over_compulsory() const;
};

/// Of one execution.
[[nodiscard]] Roofline roofline_of(const TraceEntry& entry, const Accelerator& accelerator, std::uint64_t clock_hz);
/// Sums over the entries x repeat: passes follow each other, so their bounds add up.
[[nodiscard]] Roofline roofline_of(const Trace& trace);
[[nodiscard]] Json roofline_json(const Roofline& roofline);

}  // namespace lnsim::report
