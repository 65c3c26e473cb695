// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace lnsim {
namespace {

/// Per design: which value of an axis it has, numbered from 0; and how many there are.
struct Groups {
  std::vector<std::size_t> of_design;
  std::size_t count = 0;
};

Groups groups_of(const SweepResults& results, std::size_t axis) {
  Groups groups;
  std::map<std::string, std::size_t> numbers;
  for (const StoredDesign& design : results.designs) {
    const auto [at, fresh] = numbers.try_emplace(design.values[axis].dump(), numbers.size());
    groups.of_design.push_back(at->second);
  }
  groups.count = numbers.size();
  return groups;
}

/// A metric of every design, or its logarithm.
struct Figures {
  std::vector<double> values;
  bool logarithms = false;
  double mean = 0.0, variation = 0.0;  ///< sum of the squares of what is beside the mean
};

Figures figures_of(const SweepResults& results, std::size_t metric) {
  Figures figures;
  for (const StoredDesign& design : results.designs) figures.values.push_back(design.metrics[metric]);
  std::vector<double>& values = figures.values;
  figures.logarithms = std::all_of(values.begin(), values.end(), [](double x) { return x > 0.0; });
  for (double& value : values) {
    if (figures.logarithms) value = std::log(value);
    figures.mean += value / static_cast<double>(values.size());
  }
  for (const double value : values) figures.variation += (value - figures.mean) * (value - figures.mean);
  return figures;
}

void set_effect(Sensitivity& effect, const Groups& groups, const Figures& figures) {
  std::vector<double> sums(groups.count, 0.0), sizes(groups.count, 0.0);
  for (std::size_t i = 0; i < figures.values.size(); ++i) {
    sums[groups.of_design[i]] += figures.values[i];
    sizes[groups.of_design[i]] += 1.0;
  }
  double between = 0.0;
  for (std::size_t g = 0; g < groups.count; ++g) {
    sums[g] /= sizes[g];
    between += sizes[g] * (sums[g] - figures.mean) * (sums[g] - figures.mean);
  }
  // What rounding leaves of figures that are equal is no variation.
  const double least = 1e-18 * static_cast<double>(figures.values.size()) * std::max(1.0, figures.mean * figures.mean);
  if (!std::isfinite(figures.variation) || figures.variation <= least) return;
  effect.share = std::clamp(between / figures.variation, 0.0, 1.0);
  const auto [low, high] = std::minmax_element(sums.begin(), sums.end());
  if (figures.logarithms) effect.factor = std::exp(*high - *low);
}

}  // namespace

std::vector<Sensitivity> sensitivities(const SweepResults& results) {
  std::vector<Sensitivity> all;
  if (results.designs.empty()) return all;
  std::vector<Figures> figures;
  for (std::size_t metric = 0; metric < results.metrics.size(); ++metric) {
    figures.push_back(figures_of(results, metric));
  }
  for (std::size_t axis = 0; axis < results.axes.size(); ++axis) {
    const Groups groups = groups_of(results, axis);
    for (std::size_t metric = 0; metric < results.metrics.size(); ++metric) {
      Sensitivity& effect = all.emplace_back();
      effect.axis = results.axes[axis];
      effect.metric = results.metrics[metric];
      set_effect(effect, groups, figures[metric]);
    }
  }
  return all;
}

}  // namespace lnsim
