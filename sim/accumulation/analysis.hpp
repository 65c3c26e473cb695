// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/accumulation/measure.hpp"
#include "sim/numerics/vrr.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// The experiment beside each prediction, at its mantissa.
struct MeasurementOptions {
  unsigned exponent = 8;  ///< bits of the accumulator
  numerics::Rounding rounding = numerics::Rounding::kNearestEven;
  std::uint64_t trials = 400;  ///< sums per answer
  std::uint64_t seed = 1;      ///< of every answer
};

/// What is the same for all sums of an analysis.
struct AccumulationOptions {
  unsigned product_mantissa = 5;                  ///< m_p, bits
  std::uint64_t chunk = 64;                       ///< n1 of the chunked answers, products
  double non_zero_ratio = 1.0;                    ///< NZR, fraction of products that are not zero, of every GEMM
  std::optional<MeasurementOptions> measurement;  ///< empty: predictions only
};

/// The least accumulator mantissa of one sum, and what it keeps.
struct LeastMantissa {
  unsigned bits = 0;
  numerics::Retention kept;                   ///< as predicted
  std::optional<MeasuredRetention> measured;  ///< at the same mantissa
};

/// GEMMs of one pass that reduce over the same number of products. The phases of a strided input gradient differ, so
/// that such a pass has several rows.
struct AccumulationRow {
  std::string layer;
  PassKind pass = PassKind::kForward;
  std::uint64_t repeat = 1;  ///< executions of the pass per iteration
  std::uint64_t gemms = 1;   ///< such GEMMs in one execution
  std::uint64_t length = 0;  ///< n, products per output, padding included
  LeastMantissa plain;
  LeastMantissa chunked;
};

/// The longest sums that an accumulator serves; 0 where none.
struct AccumulationKnee {
  unsigned bits = 0;
  std::uint64_t plain = 0;
  std::uint64_t chunked = 0;
};

struct AccumulationAnalysis {
  AccumulationOptions options;
  std::vector<AccumulationRow> rows;    ///< in execution order
  std::vector<AccumulationKnee> knees;  ///< of 1 bit to the widest plain answer
};

/// Predicts the accumulators of all GEMMs of the passes, by the variance retention ratio. Throws numerics::SpecError
/// for options out of range.
[[nodiscard]] AccumulationAnalysis analyse_accumulation(const std::vector<LayerPass>& passes,
                                                        const AccumulationOptions& options);

}  // namespace lnsim
