// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/training/master_copy.hpp"
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
        copy_(parameter, keep_master, std::move(initial)),
        first_(copy_.numbers.size(), 0.0),
        second_(optimizer == Optimizer::kAdam ? copy_.numbers.size() : 0, 0.0) {}

  void publish(Values& values, Arithmetic& arithmetic) override { copy_.publish(values, arithmetic); }

  void step(std::span<const double> gradient, double learning_rate, Values& values, Arithmetic& arithmetic) override {
    ++steps_;
    const double decay = copy_.role() == Role::kWeight ? settings_.weight_decay : 0.0;
    if (optimizer_ == Optimizer::kAdam) {
      adam(gradient, learning_rate, decay);
    } else {
      for (std::size_t i = 0; i < copy_.numbers.size(); ++i) {
        first_[i] = fp32(settings_.momentum * first_[i] + (gradient[i] + decay * copy_.numbers[i]));
        copy_.numbers[i] -= learning_rate * first_[i];
      }
    }
    publish(values, arithmetic);
  }

  void save(ByteWriter& out) const override {
    out.number(steps_);
    out.doubles(copy_.numbers);
    out.doubles(first_);
    out.doubles(second_);
  }
  void load(ByteReader& in) override {
    steps_ = in.count();
    copy_.numbers = in.doubles(copy_.numbers.size());
    first_ = in.doubles(first_.size());
    second_ = in.doubles(second_.size());
  }

 private:
  void adam(std::span<const double> gradient, double learning_rate, double decay) {
    const auto steps = static_cast<double>(steps_);
    const double correction1 = 1.0 - std::pow(settings_.adam_beta1, steps);
    const double correction2 = 1.0 - std::pow(settings_.adam_beta2, steps);
    for (std::size_t i = 0; i < copy_.numbers.size(); ++i) {
      const double g = gradient[i] + decay * copy_.numbers[i];
      first_[i] = fp32(settings_.adam_beta1 * first_[i] + (1.0 - settings_.adam_beta1) * g);
      second_[i] = fp32(settings_.adam_beta2 * second_[i] + (1.0 - settings_.adam_beta2) * (g * g));
      const double size = std::sqrt(second_[i] / correction2) + settings_.adam_epsilon;
      copy_.numbers[i] -= learning_rate * (first_[i] / correction1) / size;
    }
  }

  Optimizer optimizer_;
  OptimizerSettings settings_;
  std::uint64_t steps_ = 0;
  MasterCopy copy_;
  std::vector<double> first_, second_;  ///< moments
};

}  // namespace

std::unique_ptr<UpdateRule> make_additive_rule(Optimizer optimizer, const OptimizerSettings& settings,
                                               const ModelParameter& parameter, bool keep_master,
                                               std::vector<double> initial) {
  return std::make_unique<AdditiveRule>(optimizer, settings, parameter, keep_master, std::move(initial));
}

}  // namespace lnsim::training
