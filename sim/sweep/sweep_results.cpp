// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_results.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/sensitivity.hpp"

namespace lnsim {
namespace {

/// cost_of() of every design.
std::vector<double> costs_of(const SweepResults& results, std::size_t column) {
  std::vector<double> costs;
  for (const StoredDesign& design : results.designs) costs.push_back(cost_of(results, design, column));
  return costs;
}

Json row_json(const SweepResults& results, const StoredDesign& design) {
  Json json = {{"number", design.number}};
  for (std::size_t i = 0; i < results.axes.size(); ++i) json["axes"][results.axes[i]] = design.values[i];
  for (std::size_t i = 0; i < design.metrics.size(); ++i) json["metrics"][results.metrics[i]] = design.metrics[i];
  return json;
}

}  // namespace

std::size_t SweepResults::column(const std::string& wanted, const std::string& option) const {
  std::vector<std::string_view> names(axes.begin(), axes.end());
  names.insert(names.end(), metrics.begin(), metrics.end());
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) throw InputError(option, "", wanted, suggestion(wanted, names));
  return static_cast<std::size_t>(found - names.begin());
}

double SweepResults::value(const StoredDesign& design, std::size_t column) const {
  if (column >= axes.size()) return design.metrics[column - axes.size()];
  return design.values[column].is_number() ? design.values[column].get<double>() : std::nan("");
}

bool meets_constraints(const SweepSpec& spec, const SweepResults& results, const StoredDesign& design) {
  return std::all_of(spec.constraints.begin(), spec.constraints.end(), [&](const Expression& constraint) {
    return constraint.value([&](const std::string& name) {
      return results.value(design, results.column(name, "/constraints"));
    }) != 0.0;
  });
}

double cost_of(const SweepResults& results, const StoredDesign& design, std::size_t column) {
  const bool metric = column >= results.axes.size();
  const double sign = metric && more_is_better(results.metrics[column - results.axes.size()]) ? -1.0 : 1.0;
  return sign * results.value(design, column);
}

SweepResults sweep_results(const DesignStore& store, const std::string& id, const SweepSpec& spec) {
  SweepResults results;
  results.name = spec.name;
  results.axes = spec.axis_names();
  results.metrics = metric_names();
  results.size = spec.size();
  store.each(id, [&](const StoredDesign& design) {
    if (design.status == DesignStatus::kFailed) {
      results.failed.push_back(design);
    } else if (design.status == DesignStatus::kExcluded || !meets_constraints(spec, results, design)) {
      ++results.excluded;
    } else {
      results.designs.push_back(design);
    }
  });
  return results;
}

std::vector<std::size_t> pareto_front(const SweepResults& results, const std::vector<std::size_t>& columns) {
  std::vector<std::vector<double>> costs;
  for (const std::size_t column : columns) costs.push_back(costs_of(results, column));
  std::vector<std::size_t> order(results.designs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto less = [&](std::size_t x, std::size_t y) {
    for (const auto& cost : costs) {
      if (cost[x] != cost[y]) return cost[x] < cost[y];
    }
    return x < y;
  };
  // In this order only an earlier design can beat a later one.
  std::sort(order.begin(), order.end(), less);
  std::vector<std::size_t> front;
  for (const std::size_t design : order) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return std::all_of(costs.begin(), costs.end(), [&](const auto& cost) { return cost[other] <= cost[design]; }) &&
             std::any_of(costs.begin(), costs.end(), [&](const auto& cost) { return cost[other] < cost[design]; });
    });
    if (!beaten) front.push_back(design);
  }
  return front;
}

std::vector<std::size_t> best_designs(const SweepResults& results, std::size_t column, std::size_t count) {
  const std::vector<double> costs = costs_of(results, column);
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return costs[x] < costs[y]; });
  order.resize(std::min(count, order.size()));
  return order;
}

Json write_sweep_results(const SweepResults& results, const std::vector<std::string>& pareto) {
  std::vector<std::size_t> columns;
  for (const std::string& name : pareto) columns.push_back(results.column(name, "--pareto"));
  Json json = {{"schema", "lnsim.sweep_results/1"},
               {"name", results.name},
               {"size", results.size},
               {"excluded", results.excluded},
               {"axes", results.axes},
               {"metrics", Json::array()},
               {"pareto", {{"columns", pareto}, {"designs", Json::array()}}},
               {"sensitivity", Json::array()},
               {"designs", Json::array()},
               {"failed", Json::array()}};
  for (const DesignMetric& metric : design_metrics()) {
    json["metrics"].push_back({{"name", metric.name},
                               {"unit", metric.unit},
                               {"text", metric.text},
                               {"more_is_better", metric.more_is_better}});
  }
  json["metrics"].push_back({{"name", "snr_db"},
                             {"unit", "dB"},
                             {"text", "least of weights, activations, gradients"},
                             {"more_is_better", true}});
  for (const std::size_t i : pareto_front(results, columns)) {
    json["pareto"]["designs"].push_back(results.designs[i].number);
  }
  for (const Sensitivity& effect : sensitivities(results)) {
    json["sensitivity"].push_back(
        {{"axis", effect.axis}, {"metric", effect.metric}, {"share", effect.share}, {"factor", effect.factor}});
  }
  for (const StoredDesign& design : results.designs) json["designs"].push_back(row_json(results, design));
  for (const StoredDesign& design : results.failed) {
    Json row = row_json(results, design);
    row["error"] = design.error;
    json["failed"].push_back(std::move(row));
  }
  return json;
}

}  // namespace lnsim
