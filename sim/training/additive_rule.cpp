// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/training/update_rule.hpp"

namespace lnsim::training {
namespace {

double fp32(double x) { return static_cast<double>(static_cast<float>(x)); }

class AdditiveRule : public UpdateRule {
 public:
  AdditiveRule(Optimizer optimizer, const OptimizerSettings& settings, const ModelParameter& parameter,
               bool keep_master, std::vector<double> initial)
      : optimizer_(optimizer),
        settings_(settings),
        role_(parameter.role()),
        slot_(parameter.slot),
        keep_master_(keep_master),
        numbers_(std::move(initial)),
        first_(numbers_.size(), 0.0),
        second_(optimizer == Optimizer::kAdam ? numbers_.size() : 0, 0.0) {}

  void publish(Values& values, Arithmetic& arithmetic) override {
    if (keep_master_) arithmetic.round_master(numbers_);
    values.real = numbers_;
    arithmetic.round(role_, slot_, values, true);
    if (!keep_master_) numbers_ = values.real;
  }

  void step(std::span<const double> gradient, double learning_rate, Values& values, Arithmetic& arithmetic) override {
    ++steps_;
    const double decay = role_ == Role::kWeight ? settings_.weight_decay : 0.0;
    if (optimizer_ == Optimizer::kAdam) {
      adam(gradient, learning_rate, decay);
    } else {
      for (std::size_t i = 0; i < numbers_.size(); ++i) {
        first_[i] = fp32(settings_.momentum * first_[i] + (gradient[i] + decay * numbers_[i]));
        numbers_[i] -= learning_rate * first_[i];
      }
    }
    publish(values, arithmetic);
  }

  void save(ByteWriter& out) const override {
    out.number(steps_);
    out.doubles(numbers_);
    out.doubles(first_);
    out.doubles(second_);
  }
  void load(ByteReader& in) override {
    steps_ = in.count();
    numbers_ = in.doubles(numbers_.size());
    first_ = in.doubles(first_.size());
    second_ = in.doubles(second_.size());
  }

 private:
  void adam(std::span<const double> gradient, double learning_rate, double decay) {
    const auto steps = static_cast<double>(steps_);
    const double correction1 = 1.0 - std::pow(settings_.adam_beta1, steps);
    const double correction2 = 1.0 - std::pow(settings_.adam_beta2, steps);
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const double g = gradient[i] + decay * numbers_[i];
      first_[i] = fp32(settings_.adam_beta1 * first_[i] + (1.0 - settings_.adam_beta1) * g);
      second_[i] = fp32(settings_.adam_beta2 * second_[i] + (1.0 - settings_.adam_beta2) * (g * g));
      const double size = std::sqrt(second_[i] / correction2) + settings_.adam_epsilon;
      numbers_[i] -= learning_rate * (first_[i] / correction1) / size;
    }
  }

  Optimizer optimizer_;
  OptimizerSettings settings_;
  Role role_;
  std::size_t slot_;
  bool keep_master_;
  std::uint64_t steps_ = 0;
  std::vector<double> numbers_;         ///< master copy, or the forward copy's values
  std::vector<double> first_, second_;  ///< moments
};

}  // namespace

std::unique_ptr<UpdateRule> make_additive_rule(Optimizer optimizer, const OptimizerSettings& settings,
                                               const ModelParameter& parameter, bool keep_master,
                                               std::vector<double> initial) {
  return std::make_unique<AdditiveRule>(optimizer, settings, parameter, keep_master, std::move(initial));
}

}  // namespace lnsim::training
