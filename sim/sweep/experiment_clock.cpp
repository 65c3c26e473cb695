// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/experiment_clock.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "energy/accounting.hpp"
#include "energy/clock.hpp"

namespace lnsim {

void set_clock(Experiment& experiment, const energy::Technology& technology) {
  const auto pinned = experiment.accelerator.clock_mhz;
  double hz = pinned ? *pinned * 1e6 : technology.clock_hz();
  for (const Scheme& scheme : experiment.schemes) {
    const energy::Optimizers optimizers = energy::optimizers_of(scheme, experiment.network.family);
    const energy::Machine machine(experiment.accelerator, scheme, technology, optimizers.weights,
                                  optimizers.parameters);
    const std::vector<energy::ClockBound> bounds = energy::clock_bounds(machine);
    if (pinned) {
      energy::check_clock(
          hz, bounds,
          "accelerator " + experiment.accelerator.name + " with scheme " + scheme.name + " in " + technology.name,
          "/clock_mhz");
    } else if (const auto fastest = energy::fastest_clock_hz(bounds)) {
      // Whole megahertz, so that a rounding of delays does not show.
      hz = std::min(hz, std::max(1.0, std::floor(*fastest / 1e6)) * 1e6);
    }
  }
  experiment.clock_hz = static_cast<std::uint64_t>(std::llround(hz));
}

}  // namespace lnsim
