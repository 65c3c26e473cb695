// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "energy/components/machine.hpp"

namespace lnsim::energy {

/// What bounds the clock of a machine: the shortest period of each pipeline and memory, in ns.
struct ClockBound {
  std::string what;  ///< "lanes (4 stages)", "buffer_a"
  double period_ns = 0;
};

/// Bounds of the lanes' pipeline, the accumulators' loop and the SRAM macros under the machine's scheme.
///
/// The lanes have as many stages as `datapath_cycles` says. Up to the cuts of the synthesised unit, stages are merged;
/// beyond them, each stage is cut into parts of equal delay (ideal retiming; registers of the cuts are priced, see
/// bill_lanes). The loop of an accumulator has its accumulate latency's stages: a float accumulator was synthesised
/// with three. PPU, vector and update units are taken to be pipelined to the same clock.
[[nodiscard]] std::vector<ClockBound> clock_bounds(const Machine& machine);

/// The slowest of the bounds. There is at least one.
[[nodiscard]] const ClockBound& slowest(const std::vector<ClockBound>& bounds);

/// Fastest legal clock in Hz; empty if the technology gives no delay (it may leave them out).
[[nodiscard]] std::optional<double> fastest_clock_hz(const std::vector<ClockBound>& bounds);

/// Throws InputError (of `file` and `pointer`, the clock's origin) if the machine cannot run at the clock; names the
/// fastest legal one and what limits it.
void check_clock(double clock_hz, const std::vector<ClockBound>& bounds, const std::string& file,
                 const std::string& pointer);

}  // namespace lnsim::energy
