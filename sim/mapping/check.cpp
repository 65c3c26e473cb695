// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <string>

#include "sim/mapping/mapping.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

struct Checker {
  const Gemm& gemm;
  const GemmMapping& mapping;
  const PassConfig& config;
  const std::string& where;

  [[noreturn]] void fail(const std::string& field, const std::string& value, const std::string& expected) const {
    throw InputError("mapping of " + where, field, value, expected);
  }
  void need(bool ok, const std::string& field, std::uint64_t value, const std::string& expected) const {
    if (!ok) fail(field, std::to_string(value), expected);
  }

  void check_sizes() const {
    const TileSize& tile = mapping.tile;
    need(tile.m >= 1 && tile.m <= gemm.m, "/global_buffer/tile/m", tile.m, "1.." + std::to_string(gemm.m));
    need(tile.n >= 1 && tile.n <= gemm.n, "/global_buffer/tile/n", tile.n, "1.." + std::to_string(gemm.n));
    need(tile.k >= 1 && tile.k <= gemm.k, "/global_buffer/tile/k", tile.k, "1.." + std::to_string(gemm.k));
    const std::uint64_t v = config.accelerator.pe.vector_size;
    const std::uint64_t unit = config.chunk != 0 ? config.chunk : v;
    need(tile.k == gemm.k || tile.k % unit == 0, "/global_buffer/tile/k", tile.k,
         "a multiple of " + std::to_string(unit) + (config.chunk != 0 ? " (chunk)" : " (vector_size)") +
             ", or all of K");
    need(mapping.block >= 1, "/pe/block", mapping.block, ">= 1");
  }

  // A block that is used by several B chunks must lie in buffer A whole; a B chunk that is used by several lane groups,
  // in buffer B.
  void check_pe() const {
    const MachineTile tile = machine_tile(mapping);
    const PeParams& pe = config.accelerator.pe;
    const std::uint64_t groups = ceil_div(tile.k, pe.vector_size);
    const std::uint64_t slice_a =
        ceil_div(ceil_div(tile.a_rows, pe.lanes), config.accelerator.pe_array.rows) * pe.lanes;
    const std::uint64_t slice_b =
        ceil_div(ceil_div(tile.b_rows, pe.hold_rows), config.accelerator.pe_array.columns) * pe.hold_rows;
    const std::uint64_t rows = std::min({mapping.block, slice_a, tile.a_rows});
    need(mapping.block % pe.lanes == 0 || mapping.block >= tile.a_rows, "/pe/block", mapping.block,
         "a multiple of lanes (" + std::to_string(pe.lanes) + ")");
    const bool a_reused = std::min(slice_b, tile.b_rows) > pe.hold_rows;
    const bool b_reused = rows > pe.lanes;
    const std::uint64_t a_vectors = a_reused ? rows * groups : std::min(rows, pe.lanes);
    const std::uint64_t b_rows = std::min(tile.b_rows, pe.hold_rows);
    const std::uint64_t b_vectors = b_reused ? b_rows * groups : b_rows;
    fits("PE buffer A", "operand A", a_vectors, config.vector_bytes(config.a_bits), pe.buffer_a_bytes, "/pe/block",
         mapping.block);
    fits("PE buffer B", "operand B", b_vectors, config.vector_bytes(config.b_bits), pe.buffer_b_bytes, "/pe/block",
         mapping.block);
  }

  void fits(const std::string& level, const std::string& tensor, std::uint64_t vectors, std::uint64_t bytes_each,
            std::uint64_t capacity, const std::string& field, std::uint64_t value) const {
    if (vectors <= capacity / bytes_each) return;
    fail(field, std::to_string(value),
         level + " holds " + std::to_string(capacity) + " bytes; " + tensor + " needs " +
             std::to_string(vectors * bytes_each));
  }

  void region(const std::string& tensor, std::uint64_t banks, std::uint64_t bytes, const std::string& field) const {
    const GlobalBufferParams& buffer = config.accelerator.global_buffer;
    const std::uint64_t capacity = buffer.bytes / buffer.banks * banks;
    if (bytes <= capacity) return;
    fail(field, std::to_string(banks) + " banks",
         "global buffer: a tile of " + tensor + " needs " + std::to_string(bytes) + " bytes, the banks hold " +
             std::to_string(capacity));
  }

  // Tiles at the edges and inside differ (padding, alignment); the first, a middle and the last tile of each axis are
  // the extremes, and a bound over all of them is what the tile's rows x k need at most.
  std::uint64_t worst_bytes(const OperandView& view, std::uint64_t rows, std::uint64_t tile_rows, std::uint64_t k,
                            std::uint64_t tile_k, ElementSize element) const {
    const std::uint64_t burst = config.accelerator.dram.burst_bytes;
    std::uint64_t most = 0;
    const std::uint64_t row_tiles = ceil_div(rows, tile_rows);
    const std::uint64_t k_tiles = ceil_div(k, tile_k);
    const auto extremes = [](std::uint64_t tiles) {
      boost::container::static_vector<std::uint64_t, 3> places{0};
      for (const std::uint64_t place : {tiles / 2, tiles - 1}) {
        if (place > places.back()) places.push_back(place);
      }
      return places;
    };
    for (const std::uint64_t i : extremes(row_tiles)) {
      for (const std::uint64_t j : extremes(k_tiles)) {
        const std::uint64_t bursts = tile_bursts(view, i * tile_rows, std::min((i + 1) * tile_rows, rows), j * tile_k,
                                                 std::min((j + 1) * tile_k, k), element, burst);
        most = std::max(most, bursts * burst);
      }
    }
    return most;
  }

  void check_global_buffer() const {
    const GlobalBufferParams& buffer = config.accelerator.global_buffer;
    const BankSplit& banks = mapping.banks;
    need(banks.a + banks.b + banks.out <= buffer.banks, "/global_buffer/banks", banks.a + banks.b + banks.out,
         "at most " + std::to_string(buffer.banks) + " banks in all");
    const MachineTile tile = machine_tile(mapping);
    const MachineTile size = machine_size(gemm, mapping.operand_a);
    region(
        "operand A", banks.a,
        worst_bytes(operand_a_view(gemm, mapping.operand_a), size.a_rows, tile.a_rows, size.k, tile.k, config.a_size()),
        "/global_buffer/banks/a");
    region(
        "operand B", banks.b,
        worst_bytes(operand_b_view(gemm, mapping.operand_a), size.b_rows, tile.b_rows, size.k, tile.k, config.b_size()),
        "/global_buffer/banks/b");
    region("outputs", banks.out, output_bytes(), "/global_buffer/banks/out");
  }

  std::uint64_t output_bytes() const {
    const bool split = mapping.tile.k < gemm.k;
    const std::uint64_t bytes = config.resident_out_size(split).bytes(mapping.tile.m * mapping.tile.n);
    // A sum that leaves for DRAM and comes back shares its region with its neighbour (docs/machine.md, M1).
    const bool k_innermost = mapping.order[2] == Dim::kK;
    const bool one_tile = mapping.tile.m == gemm.m && mapping.tile.n == gemm.n;
    return split && !k_innermost && !one_tile ? 2 * bytes : bytes;
  }
};

}  // namespace

void check_mapping(const Gemm& gemm, const GemmMapping& mapping, const PassConfig& config, const std::string& where) {
  const PassConfig machine = oriented(config, mapping.operand_a);
  const Checker checker{gemm, mapping, machine, where};
  checker.check_sizes();
  checker.check_pe();
  checker.check_global_buffer();
}

}  // namespace lnsim
