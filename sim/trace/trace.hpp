// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/data/activity.hpp"
#include "sim/support/json.hpp"
#include "sim/trace/actions.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// A GEMM as the report names it; groups: convolution groups or matmul batch; repeat: phases of equal shape.
struct GemmShape {
  std::uint64_t m = 0, n = 0, k = 0, groups = 1, repeat = 1;
  friend bool operator==(const GemmShape&, const GemmShape&) = default;
};

/// Number formats of one pass as the machine's operands see them (names as Format::name(); empty where no GEMM ran).
struct PassFormats {
  std::string a;
  std::string b;
  std::string out;
  friend bool operator==(const PassFormats&, const PassFormats&) = default;
};

/// What a run with real operand codes found (all outputs equal to the numerics library's, or the run fails).
struct DataChecks {
  std::uint64_t outputs = 0;      ///< codes compared
  std::uint64_t saturations = 0;  ///< accumulator updates that saturated
  std::uint64_t clipped = 0;      ///< output codes that were clipped
  DataActivity activity{};
  friend bool operator==(const DataChecks&, const DataChecks&) = default;
};

/// What an engine reports of one layer pass, once executed; `repeat` such executions make up the iteration.
struct TraceEntry {
  std::string layer;
  std::string type;
  PassKind pass = PassKind::kForward;
  std::uint64_t repeat = 1;
  std::vector<GemmShape> gemms;
  PassFormats formats;
  std::vector<Json> mappings;  ///< one per GEMM of the pass, as write_mapping() writes it
  std::uint64_t cycles = 0;
  /// module -> cause -> cycles; with "busy", each module's causes add up to cycles (x PEs for modules of a PE).
  std::map<std::string, std::map<std::string, std::uint64_t>> stalls;
  std::string bound_by;
  std::map<std::string, std::uint64_t> bounds_cycles;  ///< each bound's own least cycles
  /// DRAM bytes of any schedule: what is read, each element once, and what is written. 0: an older trace, not known.
  std::uint64_t compulsory_dram_bytes = 0;
  std::uint64_t macs = 0;         ///< useful MACs
  std::uint64_t issued_macs = 0;  ///< including padding to V, L and T
  Counts counts;
  std::optional<DataChecks> data;  ///< of the GEMMs of a run with data

  friend bool operator==(const TraceEntry&, const TraceEntry&) = default;
};

/// Every number in which two entries of one pass differ, a line each: "lanes stall operand_a: 12 and 13".
[[nodiscard]] std::vector<std::string> differences(const TraceEntry& one, const TraceEntry& other);

}  // namespace lnsim
