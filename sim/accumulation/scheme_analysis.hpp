// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/accumulation/operand_sums.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// The accumulator of a scheme's unit on the GEMMs of one pass that sum equally many products.
struct SchemeAccumulation {
  std::string layer;
  PassKind pass = PassKind::kForward;
  std::uint64_t length = 0;     ///< n, products per output
  double non_zero_ratio = 1.0;  ///< of the products of the distributions
  UnitMeasurement own;          ///< the scheme's accumulator
  numerics::AccumulatorSpec least;
  UnitMeasurement kept;  ///< by the least one
};

struct SchemeAnalysis {
  std::string scheme;
  unsigned vector_size = 1;
  std::uint64_t trials = 0;
  std::uint64_t seed = 1;
  std::vector<SchemeAccumulation> rows;  ///< in execution order, one per pass and length
  numerics::AccumulatorSpec widest;      ///< the least one that serves all rows
};

struct SchemeAnalysisOptions {
  unsigned vector_size = 32;
  std::uint64_t trials = 64;  ///< sums per answer
  std::uint64_t seed = 1;
};

/// Measures a scheme's accumulator, and the least one, on operands drawn from the usual distributions of each pass's
/// tensors (sim/data/synthetic.hpp). Throws numerics::SpecError where no accumulator of the kind is enough.
[[nodiscard]] SchemeAnalysis analyse_scheme(const std::vector<LayerPass>& passes, const Scheme& scheme,
                                            const SchemeAnalysisOptions& options);

/// The least accumulator that serves every GEMM of the passes ("accumulator": "auto"). Faster than analyse_scheme():
/// passes that the widest so far serves are measured once.
[[nodiscard]] numerics::AccumulatorSpec auto_accumulator(const std::vector<LayerPass>& passes, const Scheme& scheme,
                                                         const SchemeAnalysisOptions& options);

}  // namespace lnsim
