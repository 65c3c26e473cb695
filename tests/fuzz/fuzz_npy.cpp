// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/data/npy.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// The first byte says how many elements are expected.
void lnsim::fuzz::read_input(std::string_view input) {
  if (input.empty()) return;
  const std::uint64_t expected = static_cast<unsigned char>(input.front());
  const std::vector<double> values = read_npy(input_file(input.substr(1), "input.npy"), expected);
  require(values.size() == expected, "as many as expected");
  for (const double value : values) require(std::isfinite(value), "finite values");
}
