// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "energy/technology.hpp"
#include "sim/arch/scheme.hpp"

namespace lnsim::energy::test {

/// The shipped 45 nm technology, read once.
const Technology& technology_45nm();

/// One synthesised datapath and the parameters that describe it to the model.
struct SynthesisedUnit {
  std::string name;
  std::string format;  ///< as the data groups them ("lns8_g8", "bf16")
  std::uint64_t vector_size = 0;
  bool sign_split = false;
  DotProductParams params;
  double energy_fj = 0, energy_held_fj = 0, area_um2 = 0, leakage_nw = 0;  ///< per MAC
  std::map<std::string, double> breakdown;
};

/// The units of configs/technology/data/gate_level_45nm.json.
const std::vector<SynthesisedUnit>& synthesised_units();

/// LNS(8, 8) without a zero code, as synthesised: 24-bit accumulator, 3 guard bits, 8 fraction bits, F = 0.
DotProductParams lns_unit(numerics::LnsStructure structure, unsigned entries, bool sign_split = false);

}  // namespace lnsim::energy::test
