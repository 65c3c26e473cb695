// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "sim/arch/scheme.hpp"

namespace lnsim {

/// Signal-to-noise ratios in dB of tensors of the usual distribution of their role (docs/base_study.md) in a format:
/// 16,384 synthetic values of one seed, with the usual scale; block-scaled formats with the scale of each block.
/// 300 dB where nothing is lost. Measured once per role and format.
class FormatSnr {
 public:
  [[nodiscard]] double of(Role role, const numerics::FormatPtr& format);
  /// The least of weights, activations and gradients.
  [[nodiscard]] double least_of(const Scheme& scheme);

 private:
  std::map<std::string, double> measured_;
};

}  // namespace lnsim
