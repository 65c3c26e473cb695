// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "energy/scaling.hpp"
#include "energy/technology.hpp"

namespace lnsim::energy {

/// Every price and delay times the factors; `why` goes to the sources, so that explain shows it.
void scale(LogicPrices& logic, const ScalingFactors& factors, const std::string& why);
void scale(SramTable& sram, const ScalingFactors& factors, const std::string& why);
/// A price of a wire at another supply: V^2 (capacitance per millimetre does not depend on it).
void bring_to_supply(Quantity& wire, double voltage_v);

}  // namespace lnsim::energy
