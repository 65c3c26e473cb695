// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/estimator.hpp"

#include <algorithm>
#include <numeric>

#include "sim/mapping/footprint.hpp"
#include "sim/mapping/rough_footprint.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

/// All of K, then even splits into 2, 3, 4, 6, 8, 12, ... tiles of whole units.
std::vector<std::uint64_t> k_sizes(std::uint64_t k, std::uint64_t unit, std::optional<std::uint64_t> pin) {
  if (pin) return {*pin};
  std::vector<std::uint64_t> sizes{k};
  for (std::uint64_t power = 2; power < k; power *= 2) {
    for (const std::uint64_t split : {power, power + power / 2}) {
      const std::uint64_t size = ceil_div(ceil_div(k, split), unit) * unit;
      if (size < k && size != sizes.back()) sizes.push_back(size);
      if (size <= unit) return sizes;
    }
  }
  return sizes;
}

/// Adds sizes that are whole turns of the faster digits (lines, images) and whole units, where both can be had: tiles
/// of these are alike and share no lines with their neighbours.
void add_whole_turns(std::vector<std::uint64_t>& sizes, const std::vector<Digit>& digits, std::uint64_t unit,
                     std::uint64_t all) {
  std::uint64_t turn = 1;
  for (std::size_t i = digits.size(); i-- > 1;) {
    turn *= digits[i].extent;
    if (digits[i].extent == 1) continue;
    for (std::uint64_t size = std::lcm(turn, unit); size < all; size *= 2) sizes.push_back(size);
  }
}

}  // namespace

std::vector<std::uint64_t> size_ladder(std::uint64_t unit, std::uint64_t all, std::optional<std::uint64_t> pin) {
  if (pin) return {*pin};
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t size = unit; size < all; size *= 2) sizes.push_back(size);
  sizes.push_back(all);
  return sizes;
}

Estimator::Estimator(const Gemm& gemm, Side side, const PassConfig& config, const MappingPin& pin, bool exact)
    : gemm_(gemm), side_(side), config_(config), exact_(exact), size_(machine_size(gemm, side)) {
  const bool m = side == Side::kM;
  const PeParams& pe = config.accelerator.pe;
  const PeArrayParams& array = config.accelerator.pe_array;
  const std::uint64_t k_unit = config.chunk != 0 ? config.chunk : pe.vector_size;
  k_sizes_ = k_sizes(size_.k, k_unit, pin.k);
  if (!pin.k) add_whole_turns(k_sizes_, gemm.a.ks, k_unit, size_.k);
  for (const std::uint64_t k : k_sizes_) k_tiles_.push_back(ceil_div(size_.k, k));
  a_ = row_sizes(pe.lanes, array.rows, operand_a_view(gemm, side).rows, size_.a_rows, m ? pin.m : pin.n);
  b_ = row_sizes(pe.hold_rows, array.columns, operand_b_view(gemm, side).rows, size_.b_rows, m ? pin.n : pin.m);
  a_.vector_bytes = config.vector_bytes(config.a_bits);
  b_.vector_bytes = config.vector_bytes(config.b_bits);
  word_bytes_ = std::min(config.accelerator.global_buffer.word_bytes, config.accelerator.network.link_bytes);
  rate_ =
      static_cast<double>(config.accelerator.dram.bandwidth_bytes_per_second) / static_cast<double>(config.clock_hz);
  out_ = static_cast<double>(size_.a_rows * size_.b_rows) * config_.out_size().bits() / 8.0;
}

double Estimator::cycles(std::size_t a, std::size_t b, std::size_t k, std::uint64_t tile_out_bytes, double step_cycles,
                         bool a_outer, bool double_buffered) const {
  const std::uint64_t na = a_.rows[a].tiles;
  const std::uint64_t nb = b_.rows[b].tiles;
  const std::uint64_t nk = k_tiles_[k];
  const bool a_each_step = nk > 1 || (!a_outer && na > 1);
  const bool b_each_step = nk > 1 || (a_outer && nb > 1);
  const double a_loads = static_cast<double>(a_each_step ? na * nb * nk : na);
  const double b_loads = static_cast<double>(b_each_step ? na * nb * nk : nb);
  const auto a_tile = static_cast<double>(a_.bytes[k * a_.rows.size() + a]);
  const auto b_tile = static_cast<double>(b_.bytes[k * b_.rows.size() + b]);
  const double dram = (a_loads * a_tile + b_loads * b_tile + out_) / rate_;
  const auto steps = static_cast<double>(na * nb * nk);
  const double inside = steps * step_cycles;
  const double start =
      (a_tile / static_cast<double>(a_.rows[a].parts) + b_tile / static_cast<double>(b_.rows[b].parts)) / rate_;
  const double end = static_cast<double>(tile_out_bytes) / rate_;
  const double overlap = double_buffered ? std::max(inside, dram) : inside + dram;
  return overlap + start + end + 0.1 * dram + kStepOverhead * steps;
}

TileSizes Estimator::row_sizes(std::uint64_t unit, std::uint64_t pes, const std::vector<Digit>& digits,
                               std::uint64_t all, std::optional<std::uint64_t> pinned) const {
  std::vector<std::uint64_t> rows = size_ladder(unit * pes, all, pinned);
  for (std::uint64_t& row : rows) row = std::min(row, all);
  if (!pinned) {
    add_whole_turns(rows, digits, unit * pes, all);
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  }
  TileSizes sizes;
  sizes.unit = unit;
  sizes.pes = pes;
  for (const std::uint64_t row : rows) {
    RowSize size;
    size.rows = row;
    size.tiles = ceil_div(all, row);
    size.slice = std::min(row, ceil_div(ceil_div(row, unit), pes) * unit);
    size.whole = size.slice / unit;
    size.left = size.slice % unit;
    size.parts = std::clamp<std::uint64_t>(row / 16, 1, 16);
    sizes.rows.push_back(size);
  }
  sizes.bytes.resize(rows.size() * k_sizes_.size());
  return sizes;
}

std::uint64_t Estimator::bytes(const OperandView& view, std::uint64_t all_rows, TileSizes& sizes, std::size_t row_size,
                               std::size_t k_size, ElementSize element) const {
  std::uint64_t& bytes = sizes.bytes[k_size * sizes.rows.size() + row_size];
  if (bytes != 0) return bytes;
  const std::uint64_t rows = sizes.rows[row_size].rows;
  const std::uint64_t k = k_sizes_[k_size];
  const std::uint64_t burst = config_.accelerator.dram.burst_bytes;
  if (!exact_) return bytes = burst * rough_tile_bursts(view, rows, k, element, burst);
  // A tile from the middle: padding makes those at the edges smaller.
  const std::uint64_t begin = all_rows / rows / 2 * rows;
  const std::uint64_t k_begin = size_.k / k / 2 * k < size_.k ? size_.k / k / 2 * k : 0;
  bytes = std::max<std::uint64_t>(burst * tile_bursts(view, begin, std::min(begin + rows, all_rows), k_begin,
                                                      std::min(k_begin + k, size_.k), element, burst),
                                  1);
  return bytes;
}

// Cycles per output tile. A collector bank is computed into, drained and, where sums are continued, preloaded; with two
// banks a tile takes at least half of that.
double Estimator::tile_cycles(std::uint64_t rows, std::uint64_t lanes, std::size_t k) const {
  const PeParams& pe = config_.accelerator.pe;
  const std::uint64_t compute =
      groups(k) * std::max({rows, ceil_div(lanes, pe.a_port_vectors), config_.accumulate_cycles()});
  std::uint64_t bank =
      compute + pe.datapath_cycles + config_.accumulate_cycles() + ceil_div(rows * lanes, pe.ppu_width);
  if (k_sizes_[k] < size_.k) bank += ceil_div(rows * lanes * config_.psum_bits, 8 * word_bytes_);
  return std::max(static_cast<double>(compute), static_cast<double>(bank) / 2.0);
}

}  // namespace lnsim
