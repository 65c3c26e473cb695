// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/operand_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "sim/accumulation/measure.hpp"
#include "sim/data/code_tensor.hpp"
#include "sim/numerics/block_format.hpp"

namespace lnsim {
namespace {

constexpr double kMostLoss = 0.01;       // of the second moment
constexpr unsigned kMostMantissa = 23;   // of float accumulators
constexpr unsigned kMostFixedBits = 48;  // that INT units have too
constexpr unsigned kMostGuard = 24;
constexpr std::uint64_t kLeastDraws = 1U << 16U;  // a tensor's largest magnitude is that of many elements

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

// Scales are the usual ones of at least as many draws as a small tensor has elements.
OperandSums::Operands OperandSums::draw(const Distribution& distribution, const numerics::FormatPtr& format,
                                        std::uint64_t sums, std::uint64_t k, std::uint64_t seed, const char* side) {
  const SyntheticTensor drawn(seed, "accumulation", side, distribution);
  const std::uint64_t elements = sums * k;
  Operands operands;
  operands.format = format;
  operands.bytes = format->container_bytes();
  constexpr unsigned kFewBits = 16;
  if (format->bits() <= kFewBits) {
    for (numerics::Code code = 0; code < (numerics::Code{1} << format->bits()); ++code) {
      operands.table.push_back(format->valid(code) ? format->decode(code, 1.0) : 0.0);
    }
  }
  const auto& block = format->block();
  if (!block) {
    operands.codes = quantise(drawn, std::max(elements, kLeastDraws), format).codes;
    return operands;
  }
  double largest = 0.0;
  std::vector<double> values;
  const std::uint64_t draws = std::max(elements, kLeastDraws);
  for (std::uint64_t first = 0; first < draws; first += kLeastDraws) {
    values.resize(std::min(kLeastDraws, draws - first));
    drawn.fill(first, values);
    largest = std::max(largest, largest_magnitude(values));
  }
  const double tensor_scale = block->usual_tensor_scale(largest);
  values.resize(k);
  const std::size_t scaled = (k + block->block() - 1) / block->block();
  const std::vector<double> factor_of = block->factors();
  std::vector<std::byte> scales(scaled);
  operands.codes.resize(elements * operands.bytes);
  operands.factors.resize(sums * scaled);
  for (std::uint64_t sum = 0; sum < sums; ++sum) {
    drawn.fill(sum * k, values);
    block->quantize_blocks(values, tensor_scale, scales.data(), operands.codes.data() + sum * k * operands.bytes);
    double* const factors = operands.factors.data() + sum / kLanes * kLanes * scaled + sum % kLanes;
    for (std::size_t i = 0; i < scaled; ++i) {
      factors[i * kLanes] = factor_of[std::to_integer<std::size_t>(scales[i])];
    }
  }
  return operands;
}

double OperandSums::value(const Operands& side, std::uint64_t sum, std::uint64_t i) const {
  const numerics::Code code = numerics::load_code(side.codes.data(), sum * k_ + i, side.bytes);
  const double alone = side.table.empty() ? side.format->decode(code, 1.0) : side.table[code];
  if (scaled_ == 0) return alone;
  const std::size_t along_k = i / side.format->block()->block();
  return alone * side.factors[(sum / kLanes * scaled_ + along_k) * kLanes + sum % kLanes];
}

OperandSums::OperandSums(const numerics::DotSpec& unit, const Distribution& a, const Distribution& b, std::uint64_t k,
                         std::uint64_t trials, std::uint64_t seed)
    : k_(k), blocks_((trials + kLanes - 1) / kLanes) {
  const std::uint64_t sums = blocks_ * kLanes;
  a_ = draw(a, unit.a, sums, k, seed, "a");
  b_ = draw(b, unit.b, sums, k, seed, "b");
  scaled_ = a_.factors.size() / sums;
  const double unit_product = largest_value(*unit.a) * largest_value(*unit.b);
  std::uint64_t non_zero = 0;
  for (std::uint64_t sum = 0; sum < sums; ++sum) {
    double exact = 0.0;
    for (std::uint64_t i = 0; i < k; ++i) {
      const double product = value(a_, sum, i) * value(b_, sum, i);
      non_zero += product != 0.0 ? 1U : 0U;
      exact += product;
      largest_partial_ = std::max(largest_partial_, std::fabs(exact) / unit_product);
    }
    exact_.push_back(exact);
  }
  non_zero_ratio_ = static_cast<double>(non_zero) / static_cast<double>(sums * k);
}

numerics::GemmOperand OperandSums::operand(const Operands& side, std::size_t block) const {
  return {side.codes.data() + block * kLanes * k_ * side.bytes,
          scaled_ == 0 ? nullptr : side.factors.data() + block * kLanes * scaled_};
}

UnitMeasurement OperandSums::measure(const numerics::DotUnit& unit) const {
  UnitMeasurement result;
  std::vector<numerics::Psum> psums(kLanes * kLanes);
  std::vector<double> squares;
  double total = 0.0;
  double total_exact = 0.0;
  double errors = 0.0;
  for (std::size_t block = 0; block < blocks_; ++block) {
    // Of all pairs of rows and lanes those of one number are independent of each other.
    result.kept.saturations +=
        numerics::gemm(unit, operand(a_, block), operand(b_, block), kLanes, kLanes, k_, psums.data());
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
