// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lnsim::training {

/// Of some samples: sum of the cross-entropies in nats, and how many had the largest output at their label.
struct LossSum {
  double loss = 0.0;
  std::uint64_t correct = 0;
  std::uint64_t samples = 0;
  LossSum& operator+=(const LossSum& other) {
    loss += other.loss;
    correct += other.correct;
    samples += other.samples;
    return *this;
  }
};

/// Cross-entropy of the softmax of each row of outputs against its label, in binary64. `gradient`, if it is not empty:
/// (softmax - one-hot) * factor, as large as the outputs. Rows: labels.size(); equal outputs count as the first.
LossSum cross_entropy(std::span<const double> outputs, std::span<const std::uint16_t> labels, double factor,
                      std::span<double> gradient);

}  // namespace lnsim::training
