// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/mapping/footprint.hpp"
#include "sim/mapping/space.hpp"
#include "sim/support/text.hpp"
#include "sim/support/wide.hpp"

namespace lnsim {
namespace {

/// Sum of ceil(size / unit) over the tiles of an axis.
std::uint64_t units_of_tiles(std::uint64_t all, std::uint64_t tile, std::uint64_t unit) {
  const std::uint64_t whole = all / tile;
  return whole * ceil_div(tile, unit) + ceil_div(all - whole * tile, unit);
}

/// Reads of buffer A's port that the lane groups of all A tiles need: ceil(l_eff / port) each.
std::uint64_t port_reads(std::uint64_t all, std::uint64_t tile, const PeParams& pe) {
  const auto of_tile = [&](std::uint64_t rows) {
    return rows / pe.lanes * ceil_div(pe.lanes, pe.a_port_vectors) + ceil_div(rows % pe.lanes, pe.a_port_vectors);
  };
  const std::uint64_t whole = all / tile;
  return whole * of_tile(tile) + of_tile(all - whole * tile);
}

/// Loads of an operand's tiles by the loops, where a tile that stays for the next step is loaded once. counts, moves:
/// slowest loop first; moves: the loop changes the operand's tile.
std::uint64_t tile_loads(const std::array<std::uint64_t, 3>& counts, const std::array<bool, 3>& moves) {
  const bool inner = moves[2] && counts[2] > 1;
  const bool middle = inner || (moves[1] && counts[1] > 1);
  std::uint64_t loads = 1;
  if (inner) loads += (counts[2] - 1) * counts[1] * counts[0];
  if (inner || moves[1]) loads += (counts[1] - 1) * counts[0];
  if (middle || moves[0]) loads += counts[0] - 1;
  return loads;
}

std::uint64_t distinct_bursts(const OperandView& view, std::uint64_t rows, std::uint64_t k, ElementSize element,
                              std::uint64_t burst_bytes) {
  return element_count(touched(view, 0, rows, 0, k)) * element.units() / (burst_bytes * ElementSize::kUnitsPerByte);
}

}  // namespace

WorkBounds::WorkBounds(const Gemm& gemm, const PassConfig& config, Side operand_a)
    : gemm_(gemm),
      config_(oriented(config, operand_a)),
      size_(machine_size(gemm, operand_a)),
      a_bursts_(distinct_bursts(operand_a_view(gemm, operand_a), size_.a_rows, gemm.k, config_.a_size(),
                                config.accelerator.dram.burst_bytes)),
      b_bursts_(distinct_bursts(operand_b_view(gemm, operand_a), size_.b_rows, gemm.k, config_.b_size(),
                                config.accelerator.dram.burst_bytes)) {}

LeastWork WorkBounds::least_work(const GemmMapping& mapping) const {
  const PeParams& pe = config_.accelerator.pe;
  const MachineTile tile = machine_tile(mapping);
  const std::uint64_t count = gemm_.count();
  const std::uint64_t lane_groups = units_of_tiles(size_.a_rows, tile.a_rows, pe.lanes);
  const std::uint64_t chunks = units_of_tiles(size_.b_rows, tile.b_rows, pe.hold_rows);
  const std::uint64_t groups = units_of_tiles(size_.k, tile.k, pe.vector_size);
  const std::array<std::uint64_t, 3> tiles{ceil_div(size_.a_rows, tile.a_rows), ceil_div(size_.b_rows, tile.b_rows),
                                           ceil_div(size_.k, tile.k)};
  LeastWork least;
  const std::uint64_t rows_issued = lane_groups * size_.b_rows * groups * count;
  least.vector_macs = size_.a_rows * size_.b_rows * groups * count;
  least.gated_vector_macs = rows_issued * pe.lanes - least.vector_macs;
  least.buffer_a_reads = size_.a_rows * chunks * groups * count;
  least.buffer_b_reads = rows_issued;
  least.drains = size_.a_rows * size_.b_rows * tiles[2] * count;

  // Loops over A rows, B rows and k, slowest first.
  std::array<std::uint64_t, 3> counts{};
  std::array<bool, 3> moves_a{}, moves_b{};
  for (std::size_t i = 0; i < 3; ++i) {
    const bool k = mapping.order[i] == Dim::kK;
    const bool a = !k && (mapping.order[i] == Dim::kM) == (mapping.operand_a == Side::kM);
    counts[i] = tiles[k ? 2 : a ? 0 : 1];
    moves_a[i] = a || k;
    moves_b[i] = !a;
  }
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const auto reads = [&](std::uint64_t distinct, std::uint64_t tile_count, const std::array<bool, 3>& moves) {
    // A sweep over all tiles of an operand touches all its elements; neighbours in the batch may share one tile.
    const std::uint64_t sweeps = tile_loads(counts, moves) / tile_count;
    const std::uint64_t bursts = sweeps * distinct;
    return tile_count > 1 ? bursts * count : bursts;
  };
  least.dram_read_bursts =
      reads(a_bursts_, tiles[0] * tiles[2], moves_a) + reads(b_bursts_, tiles[1] * tiles[2], moves_b);
  const std::uint64_t outputs = size_.a_rows * size_.b_rows * count;
  least.dram_write_bursts = outputs * config_.out_size().units() / (burst_bytes * ElementSize::kUnitsPerByte);
  const bool spills = tiles[2] > 1 && mapping.order[2] != Dim::kK && tiles[0] * tiles[1] > 1;
  if (spills) {
    const std::uint64_t bursts = (tiles[2] - 1) * outputs * config_.psum_bits / (burst_bytes * 8);
    least.dram_read_bursts += bursts;
    least.dram_write_bursts += bursts;
  }

  const std::uint64_t pes = config_.accelerator.pes();
  const DramParams& dram = config_.accelerator.dram;
  const auto dram_cycles =
      static_cast<std::uint64_t>(static_cast<Uint128>(least.dram_read_bursts + least.dram_write_bursts) *
                                 dram.burst_bytes * config_.clock_hz / dram.bandwidth_bytes_per_second);
  const std::uint64_t group_tiles = lane_groups * chunks * groups * count;
  const std::uint64_t a_reads = port_reads(size_.a_rows, tile.a_rows, pe) * chunks * groups * count;
  least.cycles = std::max({rows_issued / pes, a_reads / pes, group_tiles * config_.accumulate_cycles() / pes,
                           least.drains / pe.ppu_width / pes, dram_cycles});
  return least;
}

}  // namespace lnsim
