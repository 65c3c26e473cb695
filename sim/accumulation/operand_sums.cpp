// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/operand_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "sim/accumulation/measure.hpp"
#include "sim/data/code_tensor.hpp"

namespace lnsim {
namespace {

constexpr double kMostLoss = 0.01;       // of the second moment
constexpr unsigned kMostMantissa = 23;   // of float accumulators
constexpr unsigned kMostFixedBits = 48;  // that INT units have too
constexpr unsigned kMostGuard = 24;
constexpr std::uint64_t kLeastDraws = 1U << 16U;  // a tensor's largest magnitude is that of many elements

/// Operands of one side: codes with the usual scale of at least as many draws as a small tensor has elements.
CodeTensor draw(const Distribution& distribution, const numerics::FormatPtr& format, std::uint64_t elements,
                std::uint64_t seed, const char* side) {
  const SyntheticTensor values(seed, "accumulation", side, distribution);
  return quantise(values, std::max(elements, kLeastDraws), format);
}

/// decode(code, 1), looked up where the format has few codes.
class Decoder {
 public:
  explicit Decoder(const CodeTensor& tensor) : tensor_(tensor) {
    constexpr unsigned kFewBits = 16;
    const numerics::Format& format = *tensor.format;
    if (format.bits() > kFewBits) return;
    for (numerics::Code code = 0; code < (numerics::Code{1} << format.bits()); ++code) {
      table_.push_back(format.valid(code) ? format.decode(code, 1.0) : 0.0);
    }
  }
  [[nodiscard]] double value(std::uint64_t i) const {
    const numerics::Code code = tensor_.code(i);
    return table_.empty() ? tensor_.format->decode(code, 1.0) : table_[code];
  }

 private:
  const CodeTensor& tensor_;
  std::vector<double> table_;
};

double largest_value(const numerics::Format& format) {
  return std::fabs(format.decode(format.encode(std::numeric_limits<double>::max(), 1.0).code, 1.0));
}

numerics::DotSpec with(const numerics::DotSpec& unit, const numerics::AccumulatorSpec& accumulator) {
  numerics::DotSpec spec = unit;
  spec.accumulator = accumulator;
  return spec;
}

void set_width(numerics::AccumulatorSpec& spec, unsigned bits) {
  for (auto* part : {&spec.floating, &spec.outer_floating}) {
    if (*part) (*part)->mantissa = bits;
  }
  for (auto* part : {&spec.fixed, &spec.outer_fixed}) {
    if (*part) (*part)->bits = bits;
  }
}

}  // namespace

OperandSums::OperandSums(const numerics::DotSpec& unit, const Distribution& a, const Distribution& b, std::uint64_t k,
                         std::uint64_t trials, std::uint64_t seed)
    : k_(k), blocks_((trials + kLanes - 1) / kLanes) {
  const std::uint64_t elements = blocks_ * kLanes * k;
  CodeTensor codes_a = draw(a, unit.a, elements, seed, "a");
  CodeTensor codes_b = draw(b, unit.b, elements, seed, "b");
  const Decoder values_a(codes_a);
  const Decoder values_b(codes_b);
  const double unit_product = largest_value(*unit.a) * largest_value(*unit.b);
  std::uint64_t non_zero = 0;
  for (std::size_t sum = 0; sum < blocks_ * kLanes; ++sum) {
    double exact = 0.0;
    for (std::size_t i = sum * k; i < (sum + 1) * k; ++i) {
      const double product = values_a.value(i) * values_b.value(i);
      non_zero += product != 0.0 ? 1U : 0U;
      exact += product;
      largest_partial_ = std::max(largest_partial_, std::fabs(exact) / unit_product);
    }
    exact_.push_back(exact);
  }
  non_zero_ratio_ = static_cast<double>(non_zero) / static_cast<double>(elements);
  a_ = std::move(codes_a.codes);
  b_ = std::move(codes_b.codes);
  bytes_a_ = unit.a->container_bytes();
  bytes_b_ = unit.b->container_bytes();
}

UnitMeasurement OperandSums::measure(const numerics::DotUnit& unit) const {
  UnitMeasurement result;
  std::vector<numerics::Psum> psums(kLanes * kLanes);
  std::vector<double> squares;
  double total = 0.0;
  double total_exact = 0.0;
  double errors = 0.0;
  for (std::size_t block = 0; block < blocks_; ++block) {
    const std::size_t first = block * kLanes * k_;
    // Of all pairs of rows and lanes those of one number are independent of each other.
    result.kept.saturations += numerics::gemm(unit, a_.data() + first * bytes_a_, b_.data() + first * bytes_b_, kLanes,
                                              kLanes, k_, psums.data());
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double value = unit.value(psums[i * kLanes + i], 1.0, 1.0);
      const double exact = exact_[block * kLanes + i];
      squares.push_back(value * value);
      total += value * value;
      total_exact += exact * exact;
      errors += (value - exact) * (value - exact);
    }
  }
  if (!(total_exact > 0.0)) throw numerics::SpecError("all sums of the operands are zero");
  result.kept.vrr = total / total_exact;
  double residuals = 0.0;
  for (std::size_t i = 0; i < squares.size(); ++i) {
    const double residual = squares[i] - result.kept.vrr * exact_[i] * exact_[i];
    residuals += residual * residual;
  }
  const auto trials = static_cast<double>(squares.size());
  result.kept.half_width = kNormalQuantile * std::sqrt(residuals * trials / (trials - 1.0)) / total_exact;
  result.snr_db = errors > 0.0 ? 10.0 * std::log10(total_exact / errors) : std::numeric_limits<double>::infinity();
  return result;
}

bool keeps_enough(const UnitMeasurement& measurement, const UnitMeasurement& widest) {
  return measurement.kept.saturations == 0 && std::fabs(measurement.kept.vrr / widest.kept.vrr - 1.0) <= kMostLoss;
}

WidestAccumulator measure_widest(const OperandSums& sums, const numerics::DotSpec& unit) {
  WidestAccumulator widest;
  widest.spec = unit.accumulator;
  set_width(widest.spec, unit.accumulator.fixed ? kMostFixedBits : kMostMantissa);
  if (widest.spec.fixed && widest.spec.fixed->guard) {
    // G guard bits hold sums below 2^G full-scale products.
    const double octaves = std::floor(std::log2(sums.largest_partial()));
    widest.spec.fixed->guard = static_cast<unsigned>(std::clamp<double>(octaves, 0.0, kMostGuard));
  }
  for (;;) {
    widest.measured = sums.measure(*numerics::make_dot_unit(with(unit, widest.spec)));
    if (widest.measured.kept.saturations == 0) return widest;
    if (!widest.spec.fixed || widest.spec.fixed->guard.value_or(kMostGuard) >= kMostGuard) {
      throw numerics::SpecError("even the widest accumulator of this kind saturates");
    }
    ++*widest.spec.fixed->guard;
  }
}

numerics::AccumulatorSpec least_accumulator(const OperandSums& sums, const numerics::DotSpec& unit,
                                            const numerics::AccumulatorSpec* least) {
  const WidestAccumulator widest = measure_widest(sums, unit);
  numerics::AccumulatorSpec spec = widest.spec;
  unsigned low = 1;
  unsigned high = kMostMantissa;
  if (spec.fixed) {
    if (least != nullptr && spec.fixed->guard) spec.fixed->guard = std::max(*spec.fixed->guard, *least->fixed->guard);
    low = spec.fixed->guard.value_or(0) + 2;
    high = kMostFixedBits;
    if (least != nullptr) low = std::max(low, least->fixed->bits);
  } else if (least != nullptr) {
    low = std::max(low, least->floating->mantissa);
  }
  const auto enough = [&](unsigned bits) {
    set_width(spec, bits);
    return keeps_enough(sums.measure(*numerics::make_dot_unit(with(unit, spec))), widest.measured);
  };
  if (enough(low)) return spec;
  if (!enough(high)) return spec;  // guard bits of another GEMM: as wide as it can be
  while (high - low > 1) {         // `low` is too few, `high` is enough
    const unsigned middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  set_width(spec, high);
  return spec;
}

}  // namespace lnsim
