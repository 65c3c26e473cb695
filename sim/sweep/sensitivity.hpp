// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/sweep_results.hpp"

namespace lnsim {

/// How much an axis moves a metric, over the designs of a sweep that meet its constraints.
struct Sensitivity {
  std::string axis, metric;
  /// Share of the metric's variance that the axis alone explains, 0 to 1: between the means of its values, over the
  /// whole (the correlation ratio, Pearson 1905; over a full grid the first-order index of Sobol 1993).
  double share = 0.0;
  /// The largest of the means of its values over the smallest; 0 where the metric is not positive everywhere.
  double factor = 0.0;
};

/// One per axis and metric, axes slowest. Of metrics that are positive everywhere the logarithm is taken, so that
/// factors count, and the means are geometric. Shares of axes add up to 1 where none depends on another and every
/// design was evaluated. A metric that is the same everywhere, or not finite somewhere, has shares of 0.
[[nodiscard]] std::vector<Sensitivity> sensitivities(const SweepResults& results);

}  // namespace lnsim
