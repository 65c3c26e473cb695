// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/arch/accelerator.hpp"
#include "sim/workload/layer.hpp"
#include "tests/support/choices.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

/// low..high, small numbers as likely as large ones: first a power of two, then a number below it. Two draws.
[[nodiscard]] std::uint64_t scaled(Choices& choices, std::uint64_t low, std::uint64_t high);
/// True in so many of 100 cases; draw 0 gives false.
[[nodiscard]] bool chance(Choices& choices, std::uint64_t percent);

/// Fills made.accelerator and made.clock_hz: a small machine, each part from starved to ample. In most cases one part
/// is made the bottleneck and the others ample, so that every stall cause is some case's largest. Always the same
/// number of draws, so that cutting one number leaves the meaning of the others.
void draw_machine(Choices& choices, PassCase& made);

/// Fills layer, pass, batch, micro_batches, family, statistics, gradients, two_pass.
void draw_layer_pass(Choices& choices, PassCase& made);
/// Halves the layer's largest size; false if all are 1.
[[nodiscard]] bool halve_layer(PassCase& made);

}  // namespace lnsim::test
