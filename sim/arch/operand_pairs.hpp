// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/arch/scheme.hpp"

namespace lnsim {

/// Two formats whose codes a dot-product unit multiplies.
struct OperandPair {
  numerics::FormatPtr a;
  numerics::FormatPtr b;
};

/// The pairs of a training step: forward, activations with each other (attention), input_grad, weight_grad.
[[nodiscard]] std::vector<OperandPair> operand_pairs(const Scheme& scheme);

}  // namespace lnsim
