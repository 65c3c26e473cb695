// SPDX-License-Identifier: Apache-2.0
#include "sim/training/update_rule.hpp"

#include <cmath>

#include "sim/data/random.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/support/error.hpp"

namespace lnsim::training {
namespace {

std::vector<double> initial_numbers(const ModelParameter& parameter, std::uint64_t seed) {
  std::vector<double> numbers(parameter.elements, 0.0);
  switch (parameter.kind) {
    case ParameterKind::kWeight: {
      Xoshiro256 random(stream_seed(seed, parameter.name, "initial"));
      const double deviation = std::sqrt(2.0 / static_cast<double>(parameter.fan_in));
      for (double& number : numbers) number = static_cast<float>(deviation * next_normal(random));
      break;
    }
    case ParameterKind::kScale:
    case ParameterKind::kRunningVariance: numbers.assign(parameter.elements, 1.0); break;
    case ParameterKind::kBias:
    case ParameterKind::kShift:
    case ParameterKind::kRunningMean: break;
  }
  return numbers;
}

std::unique_ptr<UpdateRule> madam_rule(const ModelParameter& parameter, const Scheme& scheme,
                                       const OptimizerSettings& settings, double learning_rate,
                                       std::vector<double> initial) {
  const auto lns = std::dynamic_pointer_cast<const numerics::LnsFormat>(scheme.weight);
  if (!lns) return make_float_madam_rule(settings, parameter, scheme.update != nullptr, std::move(initial));
  if (scheme.weight->block()) {
    const auto update = std::dynamic_pointer_cast<const numerics::LnsFormat>(scheme.update);
    const bool finer = update && update->gamma() >= lns->gamma();
    if (!finer || (1ULL << update->bits()) * lns->gamma() < 4ULL * update->gamma()) {
      throw InputError("scheme " + scheme.name, "/formats/update", scheme.update ? scheme.update->name() : "null",
                       "under Madam an LNS format of at least the gamma of block LNS weights");
    }
  } else if (scheme.update) {
    const auto update = std::dynamic_pointer_cast<const numerics::LnsFormat>(scheme.update);
    const unsigned bits = scheme.update->bits();
    if (!update || bits < lns->bits() || update->gamma() != lns->gamma() << (bits - lns->bits())) {
      throw InputError("scheme " + scheme.name, "/formats/update", scheme.update->name(),
                       "under Madam an LNS format of the weights' range");
    }
  }
  return make_lns_madam_rule(settings, scheme, learning_rate, std::move(initial));
}

}  // namespace

std::vector<std::unique_ptr<UpdateRule>> make_rules(const Model& model, const Scheme& scheme, const std::string& family,
                                                    const OptimizerSettings& settings, double learning_rate,
                                                    std::uint64_t seed, Arithmetic& arithmetic,
                                                    std::vector<Values>& values) {
  const Optimizer optimizer = scheme.optimizer(family);
  const Optimizer usual = family == "transformer" ? Optimizer::kAdam : Optimizer::kSgdMomentum;
  std::vector<std::unique_ptr<UpdateRule>> rules;
  values.resize(model.parameters.size());
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    const ModelParameter& parameter = model.parameters[i];
    std::vector<double> initial = initial_numbers(parameter, seed);
    if (!parameter.trained()) {
      values[i].real = std::move(initial);
      rules.push_back(nullptr);
      continue;
    }
    if (parameter.kind != ParameterKind::kWeight) {
      const Optimizer own = optimizer == Optimizer::kMadam ? usual : optimizer;
      rules.push_back(make_additive_rule(own, settings, parameter, false, std::move(initial)));
    } else if (optimizer == Optimizer::kMadam) {
      rules.push_back(madam_rule(parameter, scheme, settings, learning_rate, std::move(initial)));
    } else {
      rules.push_back(make_additive_rule(optimizer, settings, parameter, scheme.update != nullptr, std::move(initial)));
    }
    rules.back()->publish(values[i], arithmetic);
  }
  return rules;
}

}  // namespace lnsim::training
