// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/design_store.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// The designs of a sweep that meet its constraints, and what became of the others.
struct SweepResults {
  std::string name;
  std::vector<std::string> axes, metrics;
  std::vector<StoredDesign> designs;  ///< done, and all constraints hold; by number
  std::vector<StoredDesign> failed;
  std::uint64_t size = 0;      ///< of the sweep
  std::uint64_t excluded = 0;  ///< by constraints, before or after their evaluation
  /// Place of an axis or a metric among the numbers of a design; throws InputError with a suggestion.
  [[nodiscard]] std::size_t column(const std::string& name, const std::string& option) const;
  /// Value of that column; NaN for an axis value that is no number.
  [[nodiscard]] double value(const StoredDesign& design, std::size_t column) const;
};

/// Whether a design that was evaluated meets all constraints. Of `results` only the names of the columns matter.
[[nodiscard]] bool meets_constraints(const SweepSpec& spec, const SweepResults& results, const StoredDesign& design);

/// Value of a column, turned so that less is better. Of `results` only the names of the columns matter.
[[nodiscard]] double cost_of(const SweepResults& results, const StoredDesign& design, std::size_t column);

/// Reads a sweep's rows and applies its constraints.
[[nodiscard]] SweepResults sweep_results(const DesignStore& store, const std::string& id, const SweepSpec& spec);

/// Indices of the designs that no other one beats: none is as good in every column and better in one. In the order of
/// the first column, best first.
[[nodiscard]] std::vector<std::size_t> pareto_front(const SweepResults& results,
                                                    const std::vector<std::size_t>& columns);

/// Indices of the `count` best designs of a column, best first; of equal ones the lower number.
[[nodiscard]] std::vector<std::size_t> best_designs(const SweepResults& results, std::size_t column, std::size_t count);

/// "lnsim.sweep_results/1"
[[nodiscard]] Json write_sweep_results(const SweepResults& results, const std::vector<std::string>& pareto);

}  // namespace lnsim
