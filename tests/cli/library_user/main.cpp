// SPDX-License-Identifier: Apache-2.0
// Quantises a number to LNS(8, 8) and prices a unit that multiplies such numbers.
#include <cstdio>

#include "energy/components/dot_product.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/numerics/lns.hpp"

int main(int argc, char** argv) {
  using namespace lnsim;
  if (argc != 2) return 2;
  const auto format = numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode);
  const numerics::Encoded third = format->encode(0.3, 1.0);
  std::printf("%s: 0.3 becomes %.6f\n", format->name().c_str(), format->decode(third.code, 1.0));
  const Json unit = {{"format", {{"type", "lns"}, {"bits", 8}, {"gamma", 8}, {"zero", "zero_code"}}},
                     {"accumulator", {{"type", "fixed"}, {"bits", 24}}}};
  const energy::Technology technology = energy::read_technology(argv[1]);
  const energy::UnitPrice price = energy::price_unit(read_dot_product(unit, "unit", ""), 32, technology);
  std::printf("%.1f fJ per MAC\n", price.energy_fj_per_mac);
  return 0;
}
