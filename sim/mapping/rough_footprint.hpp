// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/arch/element_size.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// About as many DRAM bursts as tile_bursts() finds for a tile of `rows` x `k` somewhere in the view, at the cost of a
/// few multiplications: the tile is taken as a box of digits that starts on a border of each, without padding, its
/// windows without holes, and shrunk by what the box has more. For choosing between tiles, not for capacities.
[[nodiscard]] std::uint64_t rough_tile_bursts(const OperandView& view, std::uint64_t rows, std::uint64_t k,
                                              ElementSize element, std::uint64_t burst_bytes);

}  // namespace lnsim
