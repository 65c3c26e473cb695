// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/arch/scheme.hpp"
#include "sim/training/arithmetic.hpp"
#include "sim/training/bytes.hpp"
#include "sim/training/model.hpp"

namespace lnsim::training {

/// What the optimizers can be told; the defaults are the usual ones (SGD with momentum: Sutskever et al. 2013; Adam:
/// Kingma and Ba 2015; Madam: Zhao et al. 2022).
struct OptimizerSettings {
  double momentum = 0.9;
  double weight_decay = 0.0;  ///< of weights, added to their gradients; not under Madam
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double madam_scale = 3.0;   ///< clamp of the weights over the root mean square of the initial ones
  double madam_bound = 10.0;  ///< of normalised gradients
  double madam_beta = 0.999;
};

/// One parameter's numbers over the steps: what the optimizer keeps, and the forward copy that it writes.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;
  /// Writes the forward copy of the initial numbers.
  virtual void publish(Values& values, Arithmetic& arithmetic) = 0;
  /// One update, and the new forward copy. Throws NotFinite.
  virtual void step(std::span<const double> gradient, double learning_rate, Values& values, Arithmetic& arithmetic) = 0;
  virtual void save(ByteWriter& out) const = 0;
  virtual void load(ByteReader& in) = 0;
};

/// SGD with momentum or Adam on `initial`, states in FP32. keep_master: the optimizer updates a master copy in the
/// scheme's update format, from which the forward copy is rounded; otherwise it updates the forward copy itself.
[[nodiscard]] std::unique_ptr<UpdateRule> make_additive_rule(Optimizer optimizer, const OptimizerSettings& settings,
                                                             const ModelParameter& parameter, bool keep_master,
                                                             std::vector<double> initial);

/// Madam on LNS weights: the integer log-domain update copy of the scheme, nothing in floating point but the second
/// moments. The scheme's update format must be LNS, or the weights' own where it has none.
[[nodiscard]] std::unique_ptr<UpdateRule> make_lns_madam_rule(const OptimizerSettings& settings, const Scheme& scheme,
                                                              double learning_rate, std::vector<double> initial);

/// Madam on weights of another kind: w * 2^(-rate * h * sign w), h the normalised gradient, clamped as in the log
/// domain; the weights are those of the forward format.
[[nodiscard]] std::unique_ptr<UpdateRule> make_float_madam_rule(const OptimizerSettings& settings,
                                                                const ModelParameter& parameter, bool keep_master,
                                                                std::vector<double> initial);

/// Rules of all trained parameters, null for running statistics, with initial values: weights normal of variance
/// 2 / fan_in (He et al. 2015), scales 1, shifts and biases 0. Weights follow the scheme's optimizer for the family;
/// other parameters SGD or Adam where that is Madam. `values` gets the forward copies and the statistics.
/// Throws InputError for an optimizer that the scheme's formats do not allow.
[[nodiscard]] std::vector<std::unique_ptr<UpdateRule>> make_rules(const Model& model, const Scheme& scheme,
                                                                  const std::string& family,
                                                                  const OptimizerSettings& settings,
                                                                  double learning_rate, std::uint64_t seed,
                                                                  Arithmetic& arithmetic, std::vector<Values>& values);

}  // namespace lnsim::training
