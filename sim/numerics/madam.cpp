// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/madam.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace lnsim::numerics {
namespace {

const MadamParams& checked(const MadamParams& params) {
  if (!params.format) throw SpecError("Madam needs an LNS format");
  if (params.update_bits < params.format->bits() || params.update_bits > LnsFormat::kMaxBits) {
    throw SpecError("update bits " + std::to_string(params.update_bits) + ", expected " +
                    std::to_string(params.format->bits()) + "..16");
  }
  const bool positive = params.learning_rate > 0.0 && params.scale_factor > 0.0 && params.gradient_bound > 0.0;
  const bool finite =
      std::isfinite(params.learning_rate) && std::isfinite(params.scale_factor) && std::isfinite(params.gradient_bound);
  if (!positive || !finite)
    throw SpecError("learning rate, scale factor and gradient bound must be positive and finite");
  if (!(params.beta >= 0.0) || !(params.beta < 1.0)) throw SpecError("beta must be in [0, 1)");
  return params;
}

double root_mean_square(std::span<const double> x) {
  double sum = 0.0;
  for (const double value : x) sum += value * value;
  return x.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(x.size()));
}

}  // namespace

MadamTensor::MadamTensor(const MadamParams& params, std::span<const double> initial_weights)
    : params_(checked(params)), moments_(initial_weights.size(), 0.0) {
  const LnsFormat& forward = *params.format;
  update_format_ =
      make_lns(params.update_bits, forward.gamma() << (params.update_bits - forward.bits()), forward.zero_mode());
  scale_ = params.scale_factor * root_mean_square(initial_weights);
  if (scale_ == 0.0) scale_ = 1.0;
  codes_.reserve(initial_weights.size());
  for (const double weight : initial_weights) codes_.push_back(update_format_->encode(weight, scale_).code);
}

Code MadamTensor::stepped(Code code, double normalised, double learning_rate) const {
  const LnsFormat& format = *update_format_;
  if (format.is_zero(code)) return code;
  const double codes_per_unit = learning_rate * format.gamma();
  const double change = std::nearbyint(codes_per_unit * normalised);
  const double lowest = format.zero_mode() == ZeroMode::kZeroCode ? 1.0 : 0.0;
  const bool negative = format.negative(code);
  const double moved = format.exponent(code) + (negative ? change : -change);
  return format.code(negative, static_cast<std::int32_t>(std::clamp(moved, lowest, double(format.max_exponent()))));
}

void MadamTensor::step(std::span<const double> gradients, double learning_rate) {
  if (gradients.size() != codes_.size()) {
    throw std::invalid_argument(std::to_string(gradients.size()) + " gradients for " + std::to_string(codes_.size()) +
                                " weights");
  }
  for (const double gradient : gradients) {
    if (!std::isfinite(gradient)) throw CodeError("a gradient is not finite");
  }
  ++steps_;
  const double correction = 1.0 - std::pow(params_.beta, static_cast<double>(steps_));
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    const double g = gradients[i];
    moments_[i] = params_.beta * moments_[i] + (1.0 - params_.beta) * (g * g);
    double h = g / std::sqrt(moments_[i] / correction);
    if (std::isnan(h)) h = 0.0;  // 0 / 0: no gradient so far
    h = std::clamp(h, -params_.gradient_bound, params_.gradient_bound);
    codes_[i] = stepped(codes_[i], std::nearbyint(h), learning_rate);
  }
}

void MadamTensor::restore(std::uint64_t steps, double scale, std::vector<Code> update_codes,
                          std::vector<double> moments) {
  if (update_codes.size() != codes_.size() || moments.size() != moments_.size() || !(scale > 0.0)) {
    throw std::invalid_argument("not the state of this tensor");
  }
  for (const Code code : update_codes) {
    if (!update_format_->valid(code)) throw std::invalid_argument("an update code that is no number");
  }
  steps_ = steps;
  scale_ = scale;
  codes_ = std::move(update_codes);
  moments_ = std::move(moments);
}

Code madam_forward_code(const LnsFormat& update, const LnsFormat& forward, Code code) {
  if (update.is_zero(code)) return 0;
  const unsigned shift = update.bits() - forward.bits();
  const std::int32_t distance = update.max_exponent() - update.exponent(code);
  const std::int32_t half = shift == 0 ? 0 : (1 << (shift - 1)) - 1;
  const std::int32_t odd = shift == 0 ? 0 : (distance >> shift) & 1;
  const std::int32_t exponent = forward.max_exponent() - ((distance + half + odd) >> shift);
  if (forward.zero_mode() == ZeroMode::kZeroCode && exponent < 1) return 0;
  return forward.code(update.negative(code), std::max(exponent, 0));
}

Code MadamTensor::forward_code(std::size_t i) const {
  return madam_forward_code(*update_format_, *params_.format, codes_[i]);
}

void MadamTensor::forward_codes(std::byte* codes) const {
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    store_code(codes, i, params_.format->container_bytes(), forward_code(i));
  }
}

}  // namespace lnsim::numerics
