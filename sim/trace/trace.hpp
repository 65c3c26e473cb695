// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/trace/actions.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// A GEMM as the report names it; groups: convolution groups or matmul batch; repeat: phases of equal shape.
struct GemmShape {
  std::uint64_t m = 0, n = 0, k = 0, groups = 1, repeat = 1;
};

/// Number formats of one pass as the machine's operands see them (names as Format::name(); empty where no GEMM ran).
struct PassFormats {
  std::string a;
  std::string b;
  std::string out;
};

/// What an engine reports of one layer pass, once executed; `repeat` such executions make up the iteration.
struct TraceEntry {
  std::string layer;
  std::string type;
  PassKind pass = PassKind::kForward;
  std::uint64_t repeat = 1;
  std::vector<GemmShape> gemms;
  PassFormats formats;
  std::uint64_t cycles = 0;
  /// module -> cause -> cycles; with "busy", each module's causes add up to cycles (x PEs for modules of a PE).
  std::map<std::string, std::map<std::string, std::uint64_t>> stalls;
  std::string bound_by;
  std::map<std::string, std::uint64_t> bounds_cycles;  ///< each bound's own least cycles
  std::uint64_t macs = 0;                              ///< useful MACs
  std::uint64_t issued_macs = 0;                       ///< including padding to V, L and T
  Counts counts;
};

}  // namespace lnsim
