// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/accumulation/measure.hpp"
#include "sim/data/synthetic.hpp"
#include "sim/numerics/dot_unit.hpp"

namespace lnsim {

/// What a dot-product unit made of sums of operand products.
struct UnitMeasurement {
  MeasuredRetention kept;  ///< second moment over that of the exact sums; saturations of all updates
  double snr_db = 0.0;     ///< second moment of the exact sums over that of the errors; infinite if there are none
};

/// Random sums of products of quantised operands, as a GEMM forms them: operands drawn independently from the usual
/// distributions of their tensors, with the formats' usual scales, so that the sparsity is theirs; those of formats
/// with block scales lie in blocks along each sum. Each unit that is measured sees the same operands.
class OperandSums {
 public:
  /// `unit` names the formats; k products per sum; at least 2 trials (rounded up to whole blocks of 32).
  OperandSums(const numerics::DotSpec& unit, const Distribution& a, const Distribution& b, std::uint64_t k,
              std::uint64_t trials, std::uint64_t seed);

  /// The unit must have the formats of the constructor's. Saturations are those of all pairs of a block's operands.
  [[nodiscard]] UnitMeasurement measure(const numerics::DotUnit& unit) const;

  /// Fraction of products that are not zero.
  [[nodiscard]] double non_zero_ratio() const { return non_zero_ratio_; }
  /// The largest magnitude that a sum reached on its way, in units of the product of both largest codes.
  [[nodiscard]] double largest_partial() const { return largest_partial_; }

 private:
  static constexpr std::size_t kLanes = 32;  ///< sums of a block; the unit forms all products of its rows and lanes

  /// One side of all sums.
  struct Operands {
    std::vector<std::byte> codes;  ///< [block][lane][k]
    unsigned bytes = 1;            ///< of a code
    /// Formats with block scales: the factor of each block along k, [block of sums][block along k][lane].
    std::vector<double> factors;
    /// Value of each code alone; empty for formats of many codes, which decode.
    std::vector<double> table;
    numerics::FormatPtr format;
  };
  /// Element i of sum `sum`, without the tensor's scale.
  [[nodiscard]] double value(const Operands& side, std::uint64_t sum, std::uint64_t i) const;
  static Operands draw(const Distribution& distribution, const numerics::FormatPtr& format, std::uint64_t sums,
                       std::uint64_t k, std::uint64_t seed, const char* side);
  [[nodiscard]] numerics::GemmOperand operand(const Operands& side, std::size_t block) const;

  std::uint64_t k_;
  std::size_t blocks_;
  std::size_t scaled_ = 0;  ///< blocks along k with a scale of their own
  Operands a_, b_;
  std::vector<double> exact_;  ///< sums without scales, in binary64
  double non_zero_ratio_ = 0.0;
  double largest_partial_ = 0.0;
};

/// The least accumulator of a unit's kind (fixed or float, its rounding, exponent and chunks) that never saturates and
/// whose sums have the second moment of the widest one's, within 1 %: what the unit's other roundings do is not the
/// accumulator's business. For a float the mantissa, for fixed ones guard bits and bits. `least`: not below this one.
/// Throws numerics::SpecError where even the widest saturates.
[[nodiscard]] numerics::AccumulatorSpec least_accumulator(const OperandSums& sums, const numerics::DotSpec& unit,
                                                          const numerics::AccumulatorSpec* least = nullptr);

/// Whether an accumulator is as good as the one of the widest kind: the criterion of least_accumulator().
[[nodiscard]] bool keeps_enough(const UnitMeasurement& measurement, const UnitMeasurement& widest);

/// The widest accumulator of a unit's kind, with the guard bits that the sums need and no more.
struct WidestAccumulator {
  numerics::AccumulatorSpec spec;
  UnitMeasurement measured;
};
/// Throws numerics::SpecError where it saturates.
[[nodiscard]] WidestAccumulator measure_widest(const OperandSums& sums, const numerics::DotSpec& unit);

}  // namespace lnsim
