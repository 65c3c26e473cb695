// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sim/numerics/madam.hpp"
#include "sim/training/master_copy.hpp"
#include "sim/training/update_rule.hpp"

namespace lnsim::training {
namespace {

class LnsMadamRule : public UpdateRule {
 public:
  /// block_format: of the forward copy, if it has block scales; its elements are on the grid of params.format.
  LnsMadamRule(const numerics::MadamParams& params, numerics::FormatPtr block_format,
               const std::vector<double>& initial)
      : tensor_(params, initial), block_format_(std::move(block_format)) {}

  void publish(Values& values, Arithmetic& /*arithmetic*/) override {
    CodeTensor plain;
    plain.format = tensor_.forward_format();
    plain.scale = tensor_.scale();
    plain.codes.resize(tensor_.size() * plain.format->container_bytes());
    tensor_.forward_codes(plain.codes.data());
    values.real.resize(tensor_.size());
    for (std::size_t i = 0; i < tensor_.size(); ++i) values.real[i] = plain.value(i);
    if (!block_format_) {
      values.codes = std::move(plain);
      return;
    }
    values.codes = quantise_blocks(values.real, block_format_, tensor_.scale());
    for (std::size_t i = 0; i < tensor_.size(); ++i) values.real[i] = values.codes.value(i);
  }

  void step(std::span<const double> gradient, double learning_rate, Values& values, Arithmetic& arithmetic) override {
    tensor_.step(gradient, learning_rate);
    publish(values, arithmetic);
  }

  void save(ByteWriter& out) const override {
    out.number(tensor_.steps());
    out.number(tensor_.scale());
    out.words(tensor_.update_codes());
    out.doubles(tensor_.moments());
  }
  void load(ByteReader& in) override {
    const std::uint64_t steps = in.count();
    const double scale = in.real();
    std::vector<numerics::Code> codes = in.words(tensor_.size());
    std::vector<double> moments = in.doubles(tensor_.size());
    try {
      tensor_.restore(steps, scale, std::move(codes), std::move(moments));
    } catch (const std::exception& error) {
      throw BytesError(error.what());
    }
  }

 private:
  numerics::MadamTensor tensor_;
  numerics::FormatPtr block_format_;
};

class FloatMadamRule : public UpdateRule {
 public:
  FloatMadamRule(const OptimizerSettings& settings, const ModelParameter& parameter, bool keep_master,
                 std::vector<double> initial)
      : settings_(settings), copy_(parameter, keep_master, std::move(initial)), moments_(copy_.numbers.size(), 0.0) {
    double sum = 0.0;
    for (const double x : copy_.numbers) sum += x * x;
    limit_ = settings.madam_scale * std::sqrt(sum / static_cast<double>(copy_.numbers.size()));
  }

  void publish(Values& values, Arithmetic& arithmetic) override { copy_.publish(values, arithmetic); }

  void step(std::span<const double> gradient, double learning_rate, Values& values, Arithmetic& arithmetic) override {
    ++steps_;
    const double correction = 1.0 - std::pow(settings_.madam_beta, static_cast<double>(steps_));
    for (std::size_t i = 0; i < copy_.numbers.size(); ++i) {
      const double g = gradient[i];
      moments_[i] = settings_.madam_beta * moments_[i] + (1.0 - settings_.madam_beta) * (g * g);
      if (moments_[i] == 0.0) continue;  // no gradient so far
      const double h =
          std::clamp(g / std::sqrt(moments_[i] / correction), -settings_.madam_bound, settings_.madam_bound);
      const double moved =
          copy_.numbers[i] * std::exp2(copy_.numbers[i] > 0.0 ? -learning_rate * h : learning_rate * h);
      copy_.numbers[i] = std::clamp(moved, -limit_, limit_);
    }
    publish(values, arithmetic);
  }

  void save(ByteWriter& out) const override {
    out.number(steps_);
    out.number(limit_);
    out.doubles(copy_.numbers);
    out.doubles(moments_);
  }
  void load(ByteReader& in) override {
    steps_ = in.count();
    limit_ = in.real();
    copy_.numbers = in.doubles(copy_.numbers.size());
    moments_ = in.doubles(moments_.size());
  }

 private:
  OptimizerSettings settings_;
  std::uint64_t steps_ = 0;
  double limit_ = 0.0;
  MasterCopy copy_;
  std::vector<double> moments_;
};

}  // namespace

std::unique_ptr<UpdateRule> make_lns_madam_rule(const OptimizerSettings& settings, const Scheme& scheme,
                                                double learning_rate, std::vector<double> initial) {
  numerics::MadamParams params;
  params.format = std::dynamic_pointer_cast<const numerics::LnsFormat>(scheme.weight);
  if (scheme.weight->block()) {
    // The range of the update copy at the gamma of the elements: offsets reach all of it.
    const auto& update = dynamic_cast<const numerics::LnsFormat&>(*scheme.update);
    const auto finer = static_cast<unsigned>(std::countr_zero(update.gamma() / params.format->gamma()));
    params.format = numerics::make_lns(update.bits() - finer, params.format->gamma(), params.format->zero_mode());
  }
  params.update_bits = (scheme.update ? scheme.update : scheme.weight)->bits();
  params.learning_rate = learning_rate;
  params.scale_factor = settings.madam_scale;
  params.gradient_bound = settings.madam_bound;
  params.beta = settings.madam_beta;
  return std::make_unique<LnsMadamRule>(params, scheme.weight->block() ? scheme.weight : nullptr, initial);
}

std::unique_ptr<UpdateRule> make_float_madam_rule(const OptimizerSettings& settings, const ModelParameter& parameter,
                                                  bool keep_master, std::vector<double> initial) {
  return std::make_unique<FloatMadamRule>(settings, parameter, keep_master, std::move(initial));
}

}  // namespace lnsim::training
