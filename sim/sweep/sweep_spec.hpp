// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/support/json.hpp"
#include "sim/sweep/expression.hpp"

namespace lnsim {

/// A parameter that a sweep varies: the value at a JSON pointer into the inputs of a point.
struct SweepAxis {
  std::string name;     ///< in results and constraints
  std::string pointer;  ///< "/accelerator/pe/lanes", "/scheme", "/batch"
  std::vector<Json> values;
};

/// Axes that move together: value i of each.
struct SweepAxes {
  std::vector<SweepAxis> zipped;  ///< one, if it moves alone
  [[nodiscard]] std::uint64_t size() const { return zipped.front().values.size(); }
};

/// What is not varied. Names or files, as the command line takes them.
struct SweepBase {
  std::string workload = "resnet50";
  std::string accelerator = "lns_madam";
  std::string scheme = "lns8";
  std::string technology = "45nm";
  std::string grid = "USA";
  std::string pue;          ///< "": the default
  std::string run;          ///< "": the usual one of the network's family
  std::uint64_t batch = 0;  ///< 0: the network's own
  std::uint64_t micro_batches = 1;
  std::string mapping = "heuristic";  ///< or "auto": searched
  std::string objective = "cycles";   ///< of the search: cycles, energy or edp
  std::uint64_t mapper_budget = 200;  ///< mappings that it simulates per pass
};

/// A search for the front of some objectives instead of the whole grid (NSGA-II).
struct SweepSearch {
  std::vector<std::string> objectives;  ///< metrics or axes: two or three
  std::uint64_t evaluations = 0;        ///< designs, at most
  std::uint64_t population = 40;        ///< designs that are kept from one generation to the next
  std::uint64_t seed = 1;
};

struct SweepSpec {
  std::string name;
  std::string description;
  SweepBase base;
  std::vector<SweepAxes> axes;          ///< the first is the slowest
  std::vector<Expression> constraints;  ///< over axes and metrics; designs that break one are not results
  std::uint64_t samples = 0;            ///< random designs of the grid, each drawn once; 0: all
  std::uint64_t seed = 1;               ///< of the random designs

  std::optional<SweepSearch> search;  ///< the designs that it comes to, by their place in the grid

  /// Designs of the whole grid.
  [[nodiscard]] std::uint64_t grid_size() const;
  /// Designs of the sweep; of a search those of the whole grid.
  [[nodiscard]] std::uint64_t size() const;
  /// Place in the grid of design `number` < size().
  [[nodiscard]] std::uint64_t place(std::uint64_t number) const;
  /// Value of each axis at a place of the grid, in the order of axis_names().
  [[nodiscard]] std::vector<Json> values_at(std::uint64_t place) const;
  /// Whether all constraints over axes alone hold for these values; one that is no number satisfies none.
  [[nodiscard]] bool allows(const std::vector<Json>& values) const;
  [[nodiscard]] std::vector<std::string> axis_names() const;
  [[nodiscard]] std::vector<std::string> axis_pointers() const;
};

/// Reads and checks a sweep file ("lnsim.sweep/1"). `metrics`: the names that constraints may use beside the axes'.
/// Throws InputError.
[[nodiscard]] SweepSpec read_sweep(const Document& document, const std::vector<std::string>& metrics);
[[nodiscard]] Json sweep_schema();

}  // namespace lnsim
