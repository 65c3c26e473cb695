// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/mapping/mapping.hpp"

namespace lnsim {

/// What no run of a GEMM under a mapping can do without: lower bounds, proven from the schedule's rules and held
/// against simulations by a property test.
struct LeastWork {
  std::uint64_t cycles = 0;
  std::uint64_t dram_read_bursts = 0;
  std::uint64_t dram_write_bursts = 0;
  std::uint64_t vector_macs = 0;        ///< lane-cycles with work
  std::uint64_t gated_vector_macs = 0;  ///< lane-cycles issued without work
  std::uint64_t buffer_a_reads = 0;     ///< vectors
  std::uint64_t buffer_b_reads = 0;
  std::uint64_t drains = 0;  ///< partial sums read from the collector, partial tiles included
};

/// A mapping to try.
struct Candidate {
  GemmMapping mapping;
  LeastWork least;
};

/// The search space of a GEMM: operand roles, tile sizes (even splits of each axis into 1, 2, 3, 4, 6, 8, 12, ... tiles
/// of whole lane groups, row chunks and vectors), loop orders, blocks, and bank splits with and without double
/// buffering. Only what fits the PE buffers and the bank totals by size; check_mapping() has the last word. What `pin`
/// fixes stays fixed. In a fixed order. `config`: operand A is the M side.
[[nodiscard]] std::vector<Candidate> mapping_space(const Gemm& gemm, const PassConfig& config, const MappingPin& pin);

/// Bounds of the mappings of a GEMM with one assignment of operand A.
class WorkBounds {
 public:
  /// `config`: operand A is the M side, whatever `operand_a`.
  WorkBounds(const Gemm& gemm, const PassConfig& config, Side operand_a);
  /// mapping.operand_a must be the one given before.
  [[nodiscard]] LeastWork least_work(const GemmMapping& mapping) const;

 private:
  const Gemm& gemm_;
  PassConfig config_;
  MachineTile size_;
  std::uint64_t a_bursts_, b_bursts_;  ///< that the distinct elements of each operand fill at least
};

}  // namespace lnsim
