// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <tuple>

#include "sim/mapping/mapping.hpp"
#include "sim/mapping/rough_footprint.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

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

/// Sizes of one dimension's tiles with what they cost.
struct Sizes {
  std::vector<std::uint64_t> rows;
  std::vector<std::uint64_t> bytes;  ///< per k size and row size; 0: not asked for yet
};

/// One GEMM under one assignment of operand A, with closed-form estimates per candidate.
class Estimator {
 public:
  /// exact: footprints of tiles are counted, not estimated.
  Estimator(const Gemm& gemm, Side side, const PassConfig& config, const MappingPin& pin, bool exact)
      : gemm_(gemm), side_(side), config_(config), exact_(exact), size_(machine_size(gemm, side)) {
    const bool m = side == Side::kM;
    const PeParams& pe = config.accelerator.pe;
    const PeArrayParams& array = config.accelerator.pe_array;
    const std::uint64_t k_unit = config.chunk != 0 ? config.chunk : pe.vector_size;
    k_sizes_ = k_sizes(size_.k, k_unit, pin.k);
    if (!pin.k) add_whole_turns(k_sizes_, gemm.a.ks, k_unit, size_.k);
    const auto row_sizes = [](std::uint64_t unit, const std::vector<Digit>& digits, std::uint64_t all,
                              std::optional<std::uint64_t> pinned) {
      std::vector<std::uint64_t> rows = ladder(unit, all, pinned);
      for (std::uint64_t& row : rows) row = std::min(row, all);
      if (pinned) return rows;
      add_whole_turns(rows, digits, unit, all);
      std::sort(rows.begin(), rows.end());
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
      return rows;
    };
    a_.rows = row_sizes(pe.lanes * array.rows, operand_a_view(gemm, side).rows, size_.a_rows, m ? pin.m : pin.n);
    b_.rows = row_sizes(pe.hold_rows * array.columns, operand_b_view(gemm, side).rows, size_.b_rows, m ? pin.n : pin.m);
    a_.bytes.resize(a_.rows.size() * k_sizes_.size());
    b_.bytes.resize(b_.rows.size() * k_sizes_.size());
    word_bytes_ = std::min(config.accelerator.global_buffer.word_bytes, config.accelerator.network.link_bytes);
    rate_ =
        static_cast<double>(config.accelerator.dram.bandwidth_bytes_per_second) / static_cast<double>(config.clock_hz);
  }

  [[nodiscard]] const MachineTile& size() const { return size_; }
  [[nodiscard]] const std::vector<std::uint64_t>& all_k() const { return k_sizes_; }
  [[nodiscard]] const std::vector<std::uint64_t>& all_a() const { return a_.rows; }
  [[nodiscard]] const std::vector<std::uint64_t>& all_b() const { return b_.rows; }

  /// Bytes of a tile in the global buffer, by the positions of its sizes.
  std::uint64_t a_bytes(std::size_t a, std::size_t k) {
    return bytes(operand_a_view(gemm_, side_), size_.a_rows, a_, a, k, config_.a_size());
  }
  std::uint64_t b_bytes(std::size_t b, std::size_t k) {
    return bytes(operand_b_view(gemm_, side_), size_.b_rows, b_, b, k, config_.b_size());
  }

  /// Bytes of an output tile while it is in the global buffer.
  [[nodiscard]] std::uint64_t out_bytes(const MachineTile& tile) const {
    return config_.resident_out_size(tile.k < size_.k).bytes(tile.a_rows * tile.b_rows);
  }

  /// Compute cycles of the busiest PE and words of the operand streams in one step of full tiles.
  struct Streams {
    double compute = 0, a = 0;
    double b = 0;  ///< per A block
    std::uint64_t slice_a = 0;
  };
  [[nodiscard]] Streams streams(const MachineTile& tile) const;

  /// Estimated cycles of the whole GEMM; double_buffered: tiles of the next step load while this one computes.
  [[nodiscard]] double cycles(const MachineTile& tile, std::uint64_t a_tile_bytes, std::uint64_t b_tile_bytes,
                              double step_cycles, bool a_outer, bool double_buffered) const {
    const std::uint64_t na = ceil_div(size_.a_rows, tile.a_rows);
    const std::uint64_t nb = ceil_div(size_.b_rows, tile.b_rows);
    const std::uint64_t nk = ceil_div(size_.k, tile.k);
    const bool a_each_step = nk > 1 || (!a_outer && na > 1);
    const bool b_each_step = nk > 1 || (a_outer && nb > 1);
    const double a_loads = static_cast<double>(a_each_step ? na * nb * nk : na);
    const double b_loads = static_cast<double>(b_each_step ? na * nb * nk : nb);
    const auto a_tile = static_cast<double>(a_tile_bytes);
    const auto b_tile = static_cast<double>(b_tile_bytes);
    const double out = static_cast<double>(size_.a_rows * size_.b_rows) * config_.out_size().bits() / 8.0;
    const double dram = (a_loads * a_tile + b_loads * b_tile + out) / rate_;
    const auto steps = static_cast<double>(na * nb * nk);
    const double inside = steps * step_cycles;
    const double start =
        (a_tile / static_cast<double>(chunks(tile.a_rows)) + b_tile / static_cast<double>(chunks(tile.b_rows))) / rate_;
    const double end = static_cast<double>(out_bytes(tile)) / rate_;
    const double overlap = double_buffered ? std::max(inside, dram) : inside + dram;
    return overlap + start + end + 0.1 * dram + 20.0 * steps;
  }

 private:
  static std::uint64_t chunks(std::uint64_t rows) { return std::clamp<std::uint64_t>(rows / 16, 1, 16); }

  std::uint64_t bytes(const OperandView& view, std::uint64_t all_rows, Sizes& sizes, std::size_t row_size,
                      std::size_t k_size, ElementSize element) {
    std::uint64_t& bytes = sizes.bytes[k_size * sizes.rows.size() + row_size];
    if (bytes != 0) return bytes;
    const std::uint64_t rows = sizes.rows[row_size];
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

  [[nodiscard]] double words(std::uint64_t vectors, std::uint64_t vector_bytes) const {
    const std::uint64_t per_word = word_bytes_ / vector_bytes;
    return static_cast<double>(per_word >= 1 ? ceil_div(vectors, per_word)
                                             : vectors * ceil_div(vector_bytes, word_bytes_));
  }
  [[nodiscard]] double tile_cycles(std::uint64_t rows, std::uint64_t lanes, const MachineTile& tile) const;

  const Gemm& gemm_;
  Side side_;
  const PassConfig& config_;
  bool exact_;
  MachineTile size_;
  std::vector<std::uint64_t> k_sizes_;
  Sizes a_, b_;
  std::uint64_t word_bytes_ = 0;
  double rate_ = 0;  ///< DRAM bytes per cycle
};

Estimator::Streams Estimator::streams(const MachineTile& tile) const {
  const PeParams& pe = config_.accelerator.pe;
  const PeArrayParams& array = config_.accelerator.pe_array;
  const auto groups = static_cast<double>(ceil_div(tile.k, pe.vector_size));
  const auto slice = [](std::uint64_t rows, std::uint64_t unit, std::uint64_t pes) {
    return std::min(rows, ceil_div(ceil_div(rows, unit), pes) * unit);
  };
  const std::uint64_t slice_a = slice(tile.a_rows, pe.lanes, array.rows);
  const std::uint64_t slice_b = slice(tile.b_rows, pe.hold_rows, array.columns);
  // Whole lane groups and row chunks, and what is left over.
  const auto lane_groups = static_cast<double>(slice_a / pe.lanes);
  const auto row_chunks = static_cast<double>(slice_b / pe.hold_rows);
  const std::uint64_t lanes_left = slice_a % pe.lanes;
  const std::uint64_t rows_left = slice_b % pe.hold_rows;
  Streams streams;
  streams.slice_a = slice_a;
  const auto of_rows = [&](std::uint64_t rows) {
    return lane_groups * tile_cycles(rows, pe.lanes, tile) +
           (lanes_left != 0 ? tile_cycles(rows, lanes_left, tile) : 0.0);
  };
  streams.compute = row_chunks * of_rows(pe.hold_rows) + (rows_left != 0 ? of_rows(rows_left) : 0.0);
  const std::uint64_t a_vector = config_.vector_bytes(config_.a_bits);
  const std::uint64_t b_vector = config_.vector_bytes(config_.b_bits);
  streams.a = groups * static_cast<double>(array.rows) *
              (lane_groups * words(pe.lanes, a_vector) + words(lanes_left, a_vector));
  streams.b = groups * static_cast<double>(array.columns) *
              (row_chunks * words(pe.hold_rows, b_vector) + words(rows_left, b_vector));
  return streams;
}

// Cycles per output tile. A collector bank is computed into, drained and, where sums are continued, preloaded; with two
// banks a tile takes at least half of that.
double Estimator::tile_cycles(std::uint64_t rows, std::uint64_t lanes, const MachineTile& tile) const {
  const PeParams& pe = config_.accelerator.pe;
  const std::uint64_t groups = ceil_div(tile.k, pe.vector_size);
  const std::uint64_t compute =
      groups * std::max({rows, ceil_div(lanes, pe.a_port_vectors), config_.accumulate_cycles()});
  std::uint64_t bank =
      compute + pe.datapath_cycles + config_.accumulate_cycles() + ceil_div(rows * lanes, pe.ppu_width);
  if (tile.k < size_.k) bank += ceil_div(rows * lanes * config_.psum_bits, 8 * word_bytes_);
  return std::max(static_cast<double>(compute), static_cast<double>(bank) / 2.0);
}

struct BlockChoice {
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

/// The A rows per block that need the fewest cycles, the least of them; nothing if none fits the PE buffers.
/// streams: of the tile; step_cycles: the cycles of a step.
std::optional<std::uint64_t> choose_block(const PassConfig& config, const MachineTile& tile,
                                          const std::vector<std::uint64_t>& blocks, const Estimator::Streams& streams,
                                          double& step_cycles) {
  const PeParams& pe = config.accelerator.pe;
  const std::uint64_t groups = ceil_div(tile.k, pe.vector_size);
  const bool a_reused = tile.b_rows > pe.hold_rows;
  std::optional<std::uint64_t> best;
  for (const std::uint64_t block : blocks) {
    if (a_reused && std::min(block, tile.a_rows) * groups > config.buffer_a_vectors()) break;
    if (block > pe.lanes && std::min(tile.b_rows, pe.hold_rows) * groups > config.buffer_b_vectors()) break;
    const double b = streams.b * static_cast<double>(ceil_div(streams.slice_a, block));
    const double cycles = std::max({streams.compute, streams.a, b});
    if (best && cycles >= step_cycles) continue;
    best = block;
    step_cycles = cycles;
  }
  return best;
}

void add_candidates(const Gemm& gemm, const PassConfig& base, const MappingPin& pin, Side side, bool exact,
                    std::vector<BlockChoice>& candidates) {
  const PassConfig config = oriented(base, side);
  Estimator estimator(gemm, side, config, pin, exact);
  const bool m = side == Side::kM;
  const std::uint64_t all_bytes = config.accelerator.global_buffer.bytes;
  for (std::size_t k_at = 0; k_at < estimator.all_k().size(); ++k_at) {
    const std::uint64_t k = estimator.all_k()[k_at];
    for (std::size_t a_at = 0; a_at < estimator.all_a().size(); ++a_at) {
      const std::uint64_t a_bytes = estimator.a_bytes(a_at, k_at);
      if (a_bytes > all_bytes) break;
      const std::vector<std::uint64_t> blocks = ladder(config.accelerator.pe.lanes, estimator.all_a()[a_at], pin.block);
      for (std::size_t b_at = 0; b_at < estimator.all_b().size(); ++b_at) {
        const MachineTile tile{estimator.all_a()[a_at], estimator.all_b()[b_at], k};
        const std::uint64_t b_bytes = estimator.b_bytes(b_at, k_at);
        if (b_bytes > all_bytes) break;
        bool double_buffered = false;
        std::optional<BankSplit> banks =
            split_banks(config, a_bytes, b_bytes, estimator.out_bytes(tile), double_buffered);
        if (pin.banks) banks = pin.banks;
        if (!banks) continue;
        double step_cycles = 0;
        const std::optional<std::uint64_t> block =
            choose_block(config, tile, blocks, estimator.streams(tile), step_cycles);
        if (!block) continue;
        GemmMapping mapping;
        mapping.operand_a = side;
        mapping.tile = m ? TileSize{tile.a_rows, tile.b_rows, k} : TileSize{tile.b_rows, tile.a_rows, k};
        mapping.banks = *banks;
        mapping.block = *block;
        for (const bool a_outer : {false, true}) {
          const Dim first = a_outer == m ? Dim::kM : Dim::kN;
          mapping.order = {first, first == Dim::kM ? Dim::kN : Dim::kM, Dim::kK};
          if (pin.order) mapping.order = *pin.order;
          candidates.push_back(
              {estimator.cycles(tile, a_bytes, b_bytes, step_cycles, a_outer, double_buffered), mapping});
        }
      }
    }
  }
}

/// The best candidate that fits; nothing if none does. first_error: why the very best one did not, if there was one.
std::optional<GemmMapping> best_fit(const Gemm& gemm, const PassConfig& config, std::vector<BlockChoice>& candidates,
                                    const std::string& where, std::optional<InputError>& first_error) {
  // Estimates know no edges, so the best may not fit; then the next best is tried.
  while (!candidates.empty()) {
    const auto best = std::min_element(candidates.begin(), candidates.end(),
                                       [](const BlockChoice& x, const BlockChoice& y) { return x.cycles < y.cycles; });
    try {
      check_mapping(gemm, best->mapping, config, where);
      return best->mapping;
    } catch (const InputError& error) {
      if (!first_error) first_error = error;
    }
    candidates.erase(best);
  }
  return std::nullopt;
}

}  // namespace

GemmMapping heuristic_mapping(const Gemm& gemm, const PassConfig& config, const MappingPin& pin,
                              const std::string& where) {
  std::optional<InputError> first_error;
  // Where estimated footprints leave nothing that fits, counted ones may.
  for (const bool exact : {false, true}) {
    std::vector<BlockChoice> candidates;
    for (const Side side : {Side::kM, Side::kN}) {
      if (!pin.operand_a || *pin.operand_a == side) add_candidates(gemm, config, pin, side, exact, candidates);
    }
    first_error.reset();
    if (const auto mapping = best_fit(gemm, config, candidates, where, first_error)) return *mapping;
  }
  if (first_error) throw *first_error;
  throw InputError("mapping of " + where, "",
                   "m " + std::to_string(gemm.m) + ", n " + std::to_string(gemm.n) + ", k " + std::to_string(gemm.k),
                   "a GEMM of which some tile fits the buffers of the accelerator");
}

}  // namespace lnsim
