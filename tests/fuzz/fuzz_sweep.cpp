// SPDX-License-Identifier: Apache-2.0
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/sweep_spec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// A sweep that is read has places, values and constraints that can be evaluated, at both ends and in the middle.
void lnsim::fuzz::read_input(std::string_view input) {
  const SweepSpec spec = read_sweep(parse_json(input, "input"), metric_names());
  require(spec.size() > 0 && spec.size() <= spec.grid_size(), "a sweep has designs, of the grid");
  for (const std::uint64_t number : {std::uint64_t{0}, spec.size() / 2, spec.size() - 1}) {
    const std::uint64_t place = spec.place(number);
    require(place < spec.grid_size(), "a design has a place in the grid");
    const std::vector<Json> values = spec.values_at(place);
    require(values.size() == spec.axis_names().size(), "a value per axis");
    (void)spec.allows(values);
  }
  for (const Expression& constraint : spec.constraints) {
    (void)constraint.value([](const std::string& name) { return static_cast<double>(name.size()); });
  }
}
