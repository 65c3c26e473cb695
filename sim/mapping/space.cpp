// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/space.hpp"
#include "sim/support/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

namespace lnsim {
namespace {

/// Tile sizes of an axis: all of it, then even splits into 2, 3, 4, 6, 8, 12, ... tiles of whole units; or the pinned
/// one.
std::vector<std::uint64_t> even_splits(std::uint64_t all, std::uint64_t unit, std::optional<std::uint64_t> pin) {
  if (pin) return {std::min(*pin, all)};
  std::vector<std::uint64_t> sizes{all};
  for (std::uint64_t power = 2; sizes.back() > unit; power *= 2) {
    for (const std::uint64_t parts : {power, power + power / 2}) {
      const std::uint64_t size = ceil_div(ceil_div(all, parts), unit) * unit;
      if (size < sizes.back()) sizes.push_back(size);
    }
  }
  return sizes;
}

constexpr std::array<std::array<Dim, 3>, 6> kOrders = {{{Dim::kM, Dim::kN, Dim::kK},
                                                        {Dim::kN, Dim::kM, Dim::kK},
                                                        {Dim::kM, Dim::kK, Dim::kN},
                                                        {Dim::kN, Dim::kK, Dim::kM},
                                                        {Dim::kK, Dim::kM, Dim::kN},
                                                        {Dim::kK, Dim::kN, Dim::kM}}};

/// Loop orders that differ for these tile counts: loops of one tile may stand anywhere.
std::vector<std::array<Dim, 3>> orders(std::uint64_t m_tiles, std::uint64_t n_tiles, std::uint64_t k_tiles,
                                       const std::optional<std::array<Dim, 3>>& pin) {
  if (pin) return {*pin};
  const auto several = [&](Dim dim) { return (dim == Dim::kM ? m_tiles : dim == Dim::kN ? n_tiles : k_tiles) > 1; };
  std::vector<std::array<Dim, 3>> distinct;
  std::vector<std::vector<Dim>> seen;
  for (const auto& order : kOrders) {
    std::vector<Dim> loops;
    std::copy_if(order.begin(), order.end(), std::back_inserter(loops), several);
    if (std::find(seen.begin(), seen.end(), loops) != seen.end()) continue;
    seen.push_back(std::move(loops));
    distinct.push_back(order);
  }
  return distinct;
}

/// The space of one assignment of operand A.
class SideSpace {
 public:
  SideSpace(const Gemm& gemm, const PassConfig& base, const MappingPin& pin, Side side)
      : gemm_(gemm),
        pin_(pin),
        side_(side),
        config_(oriented(base, side)),
        size_(machine_size(gemm, side)),
        bounds_(gemm, base, side) {}

  void append(std::vector<Candidate>& candidates) const {
    const Accelerator& machine = config_.accelerator;
    const bool m = side_ == Side::kM;
    const auto a_sizes = even_splits(size_.a_rows, machine.pe.lanes * machine.pe_array.rows, m ? pin_.m : pin_.n);
    const auto b_sizes =
        even_splits(size_.b_rows, machine.pe.hold_rows * machine.pe_array.columns, m ? pin_.n : pin_.m);
    const std::uint64_t unit = config_.chunk != 0 ? config_.chunk : machine.pe.vector_size;
    for (const std::uint64_t k : even_splits(size_.k, unit, pin_.k)) {
      for (const std::uint64_t a : a_sizes) {
        for (const std::uint64_t b : b_sizes) append_tile({a, b, k}, candidates);
      }
    }
  }

 private:
  void append_tile(const MachineTile& tile, std::vector<Candidate>& candidates) const {
    const bool m = side_ == Side::kM;
    GemmMapping mapping;
    mapping.operand_a = side_;
    mapping.tile = m ? TileSize{tile.a_rows, tile.b_rows, tile.k} : TileSize{tile.b_rows, tile.a_rows, tile.k};
    for (const auto& order : orders(ceil_div(gemm_.m, mapping.tile.m), ceil_div(gemm_.n, mapping.tile.n),
                                    ceil_div(size_.k, tile.k), pin_.order)) {
      mapping.order = order;
      for (const BankSplit& banks : splits(tile, mapping)) {
        mapping.banks = banks;
        for (const std::uint64_t block : blocks(tile)) {
          mapping.block = block;
          candidates.push_back({mapping, bounds_.least_work(mapping)});
        }
      }
    }
  }

  // Blocks of buffer A: 1, 2, 4, ... lane groups, then the whole slice, as far as the PE buffers go (check_mapping).
  [[nodiscard]] std::vector<std::uint64_t> blocks(const MachineTile& tile) const {
    if (pin_.block) return {*pin_.block};
    const PeParams& pe = config_.accelerator.pe;
    const std::uint64_t groups = ceil_div(tile.k, pe.vector_size);
    const bool a_reused = tile.b_rows > pe.hold_rows;
    std::vector<std::uint64_t> sizes;
    const auto fits = [&](std::uint64_t block) {
      const std::uint64_t rows = std::min(block, tile.a_rows);
      if (a_reused && rows * groups > config_.buffer_a_vectors()) return false;
      return rows <= pe.lanes || std::min(tile.b_rows, pe.hold_rows) * groups <= config_.buffer_b_vectors();
    };
    std::uint64_t block = pe.lanes;
    for (; block < tile.a_rows && fits(block); block *= 2) sizes.push_back(block);
    if (block >= tile.a_rows && fits(tile.a_rows)) sizes.push_back(tile.a_rows);
    return sizes;
  }

  // Whole banks for one or two tiles of each stream. The bytes are those of the elements, so that a split may still be
  // too small for the bursts of a tile.
  [[nodiscard]] std::vector<BankSplit> splits(const MachineTile& tile, const GemmMapping& mapping) const {
    if (pin_.banks) return {*pin_.banks};
    const GlobalBufferParams& buffer = config_.accelerator.global_buffer;
    const std::uint64_t bank = buffer.bytes / buffer.banks;
    const std::uint64_t a = bytes(0, tile.a_rows, tile.k);
    const std::uint64_t b = bytes(1, tile.b_rows, tile.k);
    const bool split = tile.k < size_.k;
    const bool spills =
        split && mapping.order[2] != Dim::kK && (tile.a_rows < size_.a_rows || tile.b_rows < size_.b_rows);
    const std::uint64_t out = config_.resident_out_size(split).bytes(tile.a_rows * tile.b_rows) * (spills ? 2 : 1);
    const auto banks = [&](std::uint64_t size, std::uint64_t copies) {
      return std::max<std::uint64_t>(ceil_div(size * copies, bank), 1);
    };
    constexpr std::array<std::uint64_t, 2> kCopies{2, 1};
    std::vector<BankSplit> found;
    for (const std::uint64_t copies_a : kCopies) {
      for (const std::uint64_t copies_b : kCopies) {
        for (const std::uint64_t copies_out : kCopies) {
          const BankSplit candidate{banks(a, copies_a), banks(b, copies_b), banks(out, copies_out)};
          if (candidate.a + candidate.b + candidate.out > buffer.banks) continue;
          // More room never delays a claim, so a split inside another one is never better.
          const bool inside = std::any_of(found.begin(), found.end(), [&](const BankSplit& other) {
            return candidate.a <= other.a && candidate.b <= other.b && candidate.out <= other.out;
          });
          if (!inside) found.push_back(candidate);
        }
      }
    }
    return found;
  }

  // Of a tile from the middle: padding makes those at the edges smaller.
  [[nodiscard]] std::uint64_t bytes(int operand, std::uint64_t rows, std::uint64_t k) const {
    const auto [place, fresh] = tile_bytes_.try_emplace({operand, rows, k}, 0);
    if (!fresh) return place->second;
    const OperandView& view = operand == 0 ? operand_a_view(gemm_, side_) : operand_b_view(gemm_, side_);
    const std::uint64_t all = operand == 0 ? size_.a_rows : size_.b_rows;
    const std::uint64_t begin = all / rows / 2 * rows;
    const std::uint64_t k_begin = size_.k / k / 2 * k < size_.k ? size_.k / k / 2 * k : 0;
    const std::uint64_t burst = config_.accelerator.dram.burst_bytes;
    place->second =
        burst * tile_bursts(view, begin, std::min(begin + rows, all), k_begin, std::min(k_begin + k, size_.k),
                            operand == 0 ? config_.a_size() : config_.b_size(), burst);
    return place->second;
  }

  const Gemm& gemm_;
  const MappingPin& pin_;
  Side side_;
  PassConfig config_;
  MachineTile size_;
  WorkBounds bounds_;
  mutable std::map<std::tuple<int, std::uint64_t, std::uint64_t>, std::uint64_t> tile_bytes_;  ///< operand, rows, k
};

}  // namespace

std::vector<Candidate> mapping_space(const Gemm& gemm, const PassConfig& config, const MappingPin& pin) {
  std::vector<Candidate> candidates;
  for (const Side side : {Side::kM, Side::kN}) {
    if (!pin.operand_a || *pin.operand_a == side) SideSpace(gemm, config, pin, side).append(candidates);
  }
  return candidates;
}

}  // namespace lnsim
