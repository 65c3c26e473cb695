// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>

#include "sim/mapping/mapping.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Sizes 1 unit, 2 units, 4 units, ... below `all`, then `all`; or only the pinned size.
std::vector<std::uint64_t> ladder(std::uint64_t unit, std::uint64_t all, std::optional<std::uint64_t> pin) {
  if (pin) return {*pin};
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t size = unit; size < all; size *= 2) sizes.push_back(size);
  sizes.push_back(all);
  return sizes;
}

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

/// One GEMM under one assignment of operand A, with closed-form estimates per candidate.
class Estimator {
 public:
  Estimator(const Gemm& gemm, Side side, const PassConfig& config)
      : gemm_(gemm), side_(side), config_(config), size_(machine_size(gemm, side)) {}

  [[nodiscard]] const MachineTile& size() const { return size_; }

  std::uint64_t a_bytes(std::uint64_t rows, std::uint64_t k) { return bytes(operand_a_view(gemm_, side_), 0, rows, k); }
  std::uint64_t b_bytes(std::uint64_t rows, std::uint64_t k) { return bytes(operand_b_view(gemm_, side_), 1, rows, k); }

  /// Bytes of an output tile while it is in the global buffer.
  [[nodiscard]] std::uint64_t out_bytes(const MachineTile& tile) const {
    const unsigned bits = tile.k < size_.k ? std::max(config_.psum_bits, config_.out_bits) : config_.out_bits;
    return ceil_div(tile.a_rows * tile.b_rows * bits, 8);
  }

  /// Estimated cycles of the whole GEMM; double_buffered: tiles of the next step load while this one computes.
  double cycles(const MachineTile& tile, std::uint64_t block, bool a_outer, bool double_buffered) {
    const std::uint64_t na = ceil_div(size_.a_rows, tile.a_rows);
    const std::uint64_t nb = ceil_div(size_.b_rows, tile.b_rows);
    const std::uint64_t nk = ceil_div(size_.k, tile.k);
    const bool a_each_step = nk > 1 || (!a_outer && na > 1);
    const bool b_each_step = nk > 1 || (a_outer && nb > 1);
    const double a_loads = static_cast<double>(a_each_step ? na * nb * nk : na);
    const double b_loads = static_cast<double>(b_each_step ? na * nb * nk : nb);
    const double a_tile = static_cast<double>(a_bytes(tile.a_rows, tile.k));
    const double b_tile = static_cast<double>(b_bytes(tile.b_rows, tile.k));
    const double out = static_cast<double>(size_.a_rows * size_.b_rows) * config_.out_bits / 8.0;
    const double rate = bytes_per_cycle();
    const double dram = (a_loads * a_tile + b_loads * b_tile + out) / rate;
    const double steps = static_cast<double>(na * nb * nk);
    const Streams streams = step_streams(tile, block);
    const double inside = steps * std::max({streams.compute, streams.a, streams.b});
    const double start =
        (a_tile / static_cast<double>(chunks(tile.a_rows)) + b_tile / static_cast<double>(chunks(tile.b_rows))) / rate;
    const double end = static_cast<double>(out_bytes(tile)) / rate;
    const double overlap = double_buffered ? std::max(inside, dram) : inside + dram;
    return overlap + start + end + 0.1 * dram + 20.0 * steps;
  }

 private:
  struct Streams {
    double compute = 0, a = 0, b = 0;
  };

  static std::uint64_t chunks(std::uint64_t rows) { return std::clamp<std::uint64_t>(rows / 16, 1, 16); }

  [[nodiscard]] double bytes_per_cycle() const {
    return static_cast<double>(config_.accelerator.dram.bandwidth_bytes_per_second) /
           static_cast<double>(config_.clock_hz);
  }

  std::uint64_t bytes(const OperandView& view, int operand, std::uint64_t rows, std::uint64_t k) {
    const auto key = std::make_tuple(operand, rows, k);
    const auto found = memo_.find(key);
    if (found != memo_.end()) return found->second;
    const std::uint64_t all_rows = operand == 0 ? size_.a_rows : size_.b_rows;
    // A tile from the middle: padding makes those at the edges smaller.
    const std::uint64_t begin = all_rows / rows / 2 * rows;
    const std::uint64_t k_begin = size_.k / k / 2 * k < size_.k ? size_.k / k / 2 * k : 0;
    const std::uint64_t burst = config_.accelerator.dram.burst_bytes;
    const std::uint64_t value =
        burst * tile_bursts(view, begin, std::min(begin + rows, all_rows), k_begin, std::min(k_begin + k, size_.k),
                            operand == 0 ? config_.a_bits : config_.b_bits, burst);
    memo_.emplace(key, value);
    return value;
  }

  static double words(std::uint64_t vectors, std::uint64_t vector_bytes, std::uint64_t word_bytes) {
    const std::uint64_t per_word = word_bytes / vector_bytes;
    return static_cast<double>(per_word >= 1 ? ceil_div(vectors, per_word)
                                             : vectors * ceil_div(vector_bytes, word_bytes));
  }

  // Compute cycles of the busiest PE and words of the operand streams in one step of full tiles.
  [[nodiscard]] Streams step_streams(const MachineTile& tile, std::uint64_t block) const {
    const PeParams& pe = config_.accelerator.pe;
    const PeArrayParams& array = config_.accelerator.pe_array;
    const std::uint64_t word =
        std::min(config_.accelerator.global_buffer.word_bytes, config_.accelerator.network.link_bytes);
    const double groups = static_cast<double>(ceil_div(tile.k, pe.vector_size));
    const std::uint64_t slice_a =
        std::min(tile.a_rows, ceil_div(ceil_div(tile.a_rows, pe.lanes), array.rows) * pe.lanes);
    const std::uint64_t slice_b =
        std::min(tile.b_rows, ceil_div(ceil_div(tile.b_rows, pe.hold_rows), array.columns) * pe.hold_rows);
    Streams streams;
    for (std::uint64_t b = 0; b < slice_b; b += pe.hold_rows) {
      const std::uint64_t t = std::min(pe.hold_rows, slice_b - b);
      streams.b += groups * words(t, config_.vector_bytes(config_.b_bits), word);
      const std::uint64_t whole = slice_a / pe.lanes;
      const std::uint64_t rest = slice_a % pe.lanes;
      streams.compute +=
          static_cast<double>(whole) * tile_cycles(t, pe.lanes, tile) + (rest != 0 ? tile_cycles(t, rest, tile) : 0.0);
    }
    for (std::uint64_t a = 0; a < slice_a; a += pe.lanes) {
      streams.a += groups * words(std::min(pe.lanes, slice_a - a), config_.vector_bytes(config_.a_bits), word);
    }
    streams.a *= static_cast<double>(array.rows);
    streams.b *= static_cast<double>(array.columns * ceil_div(slice_a, block));
    return streams;
  }

  // Cycles per output tile. A collector bank is computed into, drained and, where sums are continued, preloaded; with
  // two banks a tile takes at least half of that.
  [[nodiscard]] double tile_cycles(std::uint64_t rows, std::uint64_t lanes, const MachineTile& tile) const {
    const PeParams& pe = config_.accelerator.pe;
    const std::uint64_t groups = ceil_div(tile.k, pe.vector_size);
    const std::uint64_t compute =
        groups * std::max({rows, ceil_div(lanes, pe.a_port_vectors), config_.accumulate_cycles()});
    std::uint64_t bank =
        compute + pe.datapath_cycles + config_.accumulate_cycles() + ceil_div(rows * lanes, pe.ppu_width);
    if (tile.k < size_.k) {
      const std::uint64_t link_bits =
          8 * std::min(config_.accelerator.global_buffer.word_bytes, config_.accelerator.network.link_bytes);
      bank += ceil_div(rows * lanes * config_.psum_bits, link_bits);
    }
    return std::max(static_cast<double>(compute), static_cast<double>(bank) / 2.0);
  }

  const Gemm& gemm_;
  Side side_;
  const PassConfig& config_;
  MachineTile size_;
  std::map<std::tuple<int, std::uint64_t, std::uint64_t>, std::uint64_t> memo_;
};

struct Candidate {
  double cycles = 0;
  GemmMapping mapping;
};

/// Bank split for the tile, generous to double buffering; nullopt if the tiles do not fit at all.
std::optional<BankSplit> split_banks(const PassConfig& config, std::uint64_t a, std::uint64_t b, std::uint64_t out,
                                     bool& double_buffered) {
  const GlobalBufferParams& buffer = config.accelerator.global_buffer;
  const std::uint64_t bank = buffer.bytes / buffer.banks;
  double_buffered = true;
  BankSplit banks{ceil_div(2 * a, bank), ceil_div(2 * b, bank), ceil_div(2 * out, bank)};
  banks = {std::max<std::uint64_t>(banks.a, 1), std::max<std::uint64_t>(banks.b, 1),
           std::max<std::uint64_t>(banks.out, 1)};
  if (banks.a + banks.b + banks.out <= buffer.banks) return banks;
  double_buffered = false;
  banks = {ceil_div(a, bank), ceil_div(b, bank), ceil_div(out, bank)};
  banks = {std::max<std::uint64_t>(banks.a, 1), std::max<std::uint64_t>(banks.b, 1),
           std::max<std::uint64_t>(banks.out, 1)};
  if (banks.a + banks.b + banks.out <= buffer.banks) return banks;
  return std::nullopt;
}

void add_candidates(const Gemm& gemm, const PassConfig& base, const MappingPin& pin, Side side,
                    std::vector<Candidate>& candidates) {
  const PassConfig config = oriented(base, side);
  Estimator estimator(gemm, side, config);
  const PeParams& pe = config.accelerator.pe;
  const MachineTile size = estimator.size();
  const bool m = side == Side::kM;
  const auto a_sizes = ladder(pe.lanes * config.accelerator.pe_array.rows, size.a_rows, m ? pin.m : pin.n);
  const auto b_sizes = ladder(pe.hold_rows * config.accelerator.pe_array.columns, size.b_rows, m ? pin.n : pin.m);
  const std::uint64_t bank_total = config.accelerator.global_buffer.bytes;
  const std::uint64_t unit = config.chunk != 0 ? config.chunk : pe.vector_size;
  for (const std::uint64_t k : k_sizes(size.k, unit, pin.k)) {
    const std::uint64_t groups = ceil_div(k, pe.vector_size);
    for (const std::uint64_t a : a_sizes) {
      if (estimator.a_bytes(std::min(a, size.a_rows), k) > bank_total) break;
      for (const std::uint64_t b : b_sizes) {
        const MachineTile tile{std::min(a, size.a_rows), std::min(b, size.b_rows), k};
        const std::uint64_t b_bytes = estimator.b_bytes(tile.b_rows, k);
        if (b_bytes > bank_total) break;
        bool double_buffered = false;
        std::optional<BankSplit> banks =
            split_banks(config, estimator.a_bytes(tile.a_rows, k), b_bytes, estimator.out_bytes(tile), double_buffered);
        if (pin.banks) banks = pin.banks;
        if (!banks) continue;
        for (const std::uint64_t block : ladder(pe.lanes, tile.a_rows, pin.block)) {
          const bool a_reused = tile.b_rows > pe.hold_rows;
          if (a_reused && std::min(block, tile.a_rows) * groups > config.buffer_a_vectors()) continue;
          if (block > pe.lanes && std::min(tile.b_rows, pe.hold_rows) * groups > config.buffer_b_vectors()) continue;
          for (const bool a_outer : {false, true}) {
            GemmMapping mapping;
            mapping.operand_a = side;
            const Dim first = a_outer == m ? Dim::kM : Dim::kN;
            mapping.order = {first, first == Dim::kM ? Dim::kN : Dim::kM, Dim::kK};
            if (pin.order) mapping.order = *pin.order;
            mapping.tile = m ? TileSize{tile.a_rows, tile.b_rows, k} : TileSize{tile.b_rows, tile.a_rows, k};
            mapping.banks = *banks;
            mapping.block = block;
            candidates.push_back({estimator.cycles(tile, block, a_outer, double_buffered), mapping});
          }
        }
      }
    }
  }
}

}  // namespace

GemmMapping heuristic_mapping(const Gemm& gemm, const PassConfig& config, const MappingPin& pin,
                              const std::string& where) {
  std::vector<Candidate> candidates;
  for (const Side side : {Side::kM, Side::kN}) {
    if (!pin.operand_a || *pin.operand_a == side) add_candidates(gemm, config, pin, side, candidates);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& x, const Candidate& y) { return x.cycles < y.cycles; });
  std::optional<InputError> first_error;
  for (const Candidate& candidate : candidates) {
    try {
      check_mapping(gemm, candidate.mapping, config, where);
      return candidate.mapping;
    } catch (const InputError& error) {
      if (!first_error) first_error = error;
    }
  }
  if (first_error) throw *first_error;
  throw InputError("mapping of " + where, "",
                   "m " + std::to_string(gemm.m) + ", n " + std::to_string(gemm.n) + ", k " + std::to_string(gemm.k),
                   "a GEMM of which some tile fits the buffers of the accelerator");
}

}  // namespace lnsim
