// SPDX-License-Identifier: Apache-2.0
#include "sim/training/loss.hpp"

#include <algorithm>

#include "sim/training/elementary.hpp"

namespace lnsim::training {

LossSum cross_entropy(std::span<const double> outputs, std::span<const std::uint16_t> labels, double factor,
                      std::span<double> gradient) {
  LossSum result;
  result.samples = labels.size();
  const std::size_t classes = outputs.size() / labels.size();
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::span<const double> y = outputs.subspan(row * classes, classes);
    const auto largest = std::max_element(y.begin(), y.end());
    double sum = 0.0;
    for (const double value : y) sum += portable_exp_or_zero(value - *largest);
    result.loss += portable_log(sum) - (y[labels[row]] - *largest);
    if (largest - y.begin() == labels[row]) ++result.correct;
    if (gradient.empty()) continue;
    for (std::size_t i = 0; i < classes; ++i) {
      const double wanted = i == labels[row] ? 1.0 : 0.0;
      gradient[row * classes + i] = (portable_exp_or_zero(y[i] - *largest) / sum - wanted) * factor;
    }
  }
  return result;
}

}  // namespace lnsim::training
