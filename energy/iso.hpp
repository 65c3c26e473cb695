// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "energy/accounting.hpp"

namespace lnsim::energy {

/// What two PEs with different dot-product units have in common when they are compared.
enum class IsoBudget : std::uint8_t {
  kArea,       ///< mm2 of the PE: components of scope pe
  kPower,      ///< W of the PE while every lane issues every cycle
  kBandwidth,  ///< operand bits that its lanes take per cycle
};
/// "area", "power", "bandwidth"; empty for another text.
[[nodiscard]] std::optional<IsoBudget> find_iso_budget(std::string_view name);
[[nodiscard]] std::string_view iso_budget_name(IsoBudget budget);
/// "mm2", "W", "bit/cycle"
[[nodiscard]] std::string_view iso_budget_unit(IsoBudget budget);

/// What one PE of the machine spends of the budget. Power is that of a forward pass with a long K in its steady state:
/// every lane takes a vector pair each cycle and accumulates; a held A vector lasts T cycles, so L / T of them and one
/// B vector are read per cycle (ports are not limited: how many a machine needs is a result of the simulation); clock
/// tree and leakage included, outputs (one per K / V groups) not. Grows with the lanes. clock_hz > 0 (power only).
[[nodiscard]] double pe_spends(IsoBudget budget, const Machine& machine, double clock_hz);

/// A number of lanes and what a PE of so many spends.
struct IsoLanes {
  std::uint64_t lanes = 0;
  double spent = 0;
};

/// The largest number of lanes, 1 to 1024, with which a PE of the accelerator under the scheme spends at most `limit`;
/// 1 if a single lane spends more. Throws as Machine.
[[nodiscard]] IsoLanes iso_lanes(IsoBudget budget, double limit, const Accelerator& accelerator, const Scheme& scheme,
                                 const Technology& technology, double clock_hz, const Optimizers& optimizers);

}  // namespace lnsim::energy
