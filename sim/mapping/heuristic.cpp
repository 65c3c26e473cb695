// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "sim/mapping/mapping.hpp"
#include "sim/mapping/rough_footprint.hpp"
#include "sim/support/divisor.hpp"
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

/// One size of the tiles along the rows of an operand.
struct RowSize {
  std::uint64_t rows = 0;
  std::uint64_t tiles = 0;  ///< of the GEMM
  std::uint64_t slice = 0;  ///< rows of the busiest PE
  std::uint64_t whole = 0;  ///< of them: whole lane groups (A) or row chunks (B),
  std::uint64_t left = 0;   ///< and rows that are left over
  std::uint64_t parts = 1;  ///< of a tile that can be read by themselves (docs/machine.md, G2)
};

/// Sizes of one operand's tiles.
struct Sizes {
  std::vector<RowSize> rows;
  std::vector<std::uint64_t> bytes;  ///< per k size and row size; 0: not asked for yet
  std::uint64_t unit = 0;            ///< lanes or rows of a chunk
  std::uint64_t pes = 0;             ///< rows or columns of the array
  std::uint64_t vector_bytes = 0;
};

/// One GEMM under one assignment of operand A, with closed-form estimates per candidate. Tiles are named by the
/// positions of their sizes.
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

  [[nodiscard]] const MachineTile& size() const { return size_; }
  [[nodiscard]] const std::vector<std::uint64_t>& all_k() const { return k_sizes_; }
  [[nodiscard]] const std::vector<RowSize>& all_a() const { return a_.rows; }
  [[nodiscard]] const std::vector<RowSize>& all_b() const { return b_.rows; }

  /// Bytes of a tile in the global buffer.
  std::uint64_t a_bytes(std::size_t a, std::size_t k) {
    return bytes(operand_a_view(gemm_, side_), size_.a_rows, a_, a, k, config_.a_size());
  }
  std::uint64_t b_bytes(std::size_t b, std::size_t k) {
    return bytes(operand_b_view(gemm_, side_), size_.b_rows, b_, b, k, config_.b_size());
  }

  /// Bytes of an output tile while it is in the global buffer.
  [[nodiscard]] std::uint64_t out_bytes(std::size_t a, std::size_t b, std::size_t k) const {
    return config_.resident_out_size(k_sizes_[k] < size_.k).bytes(a_.rows[a].rows * b_.rows[b].rows);
  }

  /// Words of an operand's stream in one step of full tiles; of B per A block.
  [[nodiscard]] double a_words(std::size_t a, std::size_t k) const { return stream_words(a_, a, k); }
  [[nodiscard]] double b_words(std::size_t b, std::size_t k) const { return stream_words(b_, b, k); }

  /// Compute cycles of one row chunk of so many rows over all lane groups of the busiest PE.
  [[nodiscard]] double chunk_cycles(std::uint64_t rows, std::size_t a, std::size_t k) const {
    const RowSize& size = a_.rows[a];
    return static_cast<double>(size.whole) * tile_cycles(rows, a_.unit, k) +
           (size.left != 0 ? tile_cycles(rows, size.left, k) : 0.0);
  }
  /// Compute cycles of the busiest PE in one step; whole_chunk: chunk_cycles() of a whole one.
  [[nodiscard]] double compute(std::size_t a, std::size_t b, std::size_t k, double whole_chunk) const {
    const RowSize& size = b_.rows[b];
    return static_cast<double>(size.whole) * whole_chunk + (size.left != 0 ? chunk_cycles(size.left, a, k) : 0.0);
  }

  /// cycles() is not less, if a step takes at least `step_cycles`.
  [[nodiscard]] double least_cycles(std::size_t a, std::size_t b, std::size_t k, double step_cycles) const {
    return static_cast<double>(a_.rows[a].tiles * b_.rows[b].tiles * k_tiles_[k]) * (step_cycles + kStepOverhead);
  }

  /// Estimated cycles of the whole GEMM; double_buffered: tiles of the next step load while this one computes.
  [[nodiscard]] double cycles(std::size_t a, std::size_t b, std::size_t k, std::uint64_t tile_out_bytes,
                              double step_cycles, bool a_outer, bool double_buffered) const {
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

 private:
  static constexpr double kStepOverhead = 20;  // cycles, for what overlaps with nothing

  [[nodiscard]] Sizes row_sizes(std::uint64_t unit, std::uint64_t pes, const std::vector<Digit>& digits,
                                std::uint64_t all, std::optional<std::uint64_t> pinned) const;
  std::uint64_t bytes(const OperandView& view, std::uint64_t all_rows, Sizes& sizes, std::size_t row_size,
                      std::size_t k_size, ElementSize element) const;
  [[nodiscard]] double words(std::uint64_t vectors, std::uint64_t vector_bytes) const {
    const std::uint64_t per_word = word_bytes_ / vector_bytes;
    return static_cast<double>(per_word >= 1 ? ceil_div(vectors, per_word)
                                             : vectors * ceil_div(vector_bytes, word_bytes_));
  }
  [[nodiscard]] std::uint64_t groups(std::size_t k) const {
    return ceil_div(k_sizes_[k], config_.accelerator.pe.vector_size);
  }
  [[nodiscard]] double stream_words(const Sizes& sizes, std::size_t row_size, std::size_t k) const {
    const RowSize& size = sizes.rows[row_size];
    return static_cast<double>(groups(k)) * static_cast<double>(sizes.pes) *
           (static_cast<double>(size.whole) * words(sizes.unit, sizes.vector_bytes) +
            words(size.left, sizes.vector_bytes));
  }
  [[nodiscard]] double tile_cycles(std::uint64_t rows, std::uint64_t lanes, std::size_t k) const;

  const Gemm& gemm_;
  Side side_;
  const PassConfig& config_;
  bool exact_;
  MachineTile size_;
  std::vector<std::uint64_t> k_sizes_, k_tiles_;  ///< k of a tile, tiles of the GEMM
  Sizes a_, b_;
  std::uint64_t word_bytes_ = 0;
  double rate_ = 0;  ///< DRAM bytes per cycle
  double out_ = 0;   ///< bytes of all outputs
};

Sizes Estimator::row_sizes(std::uint64_t unit, std::uint64_t pes, const std::vector<Digit>& digits, std::uint64_t all,
                           std::optional<std::uint64_t> pinned) const {
  std::vector<std::uint64_t> rows = ladder(unit * pes, all, pinned);
  for (std::uint64_t& row : rows) row = std::min(row, all);
  if (!pinned) {
    add_whole_turns(rows, digits, unit * pes, all);
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  }
  Sizes sizes;
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

std::uint64_t Estimator::bytes(const OperandView& view, std::uint64_t all_rows, Sizes& sizes, std::size_t row_size,
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

struct Choice {
  double cycles = 0;
  GemmMapping mapping;
};

/// Candidates, all of them or those alone that may be the best.
struct Choices {
  std::vector<Choice> list;
  bool all = true;
  double fewest_cycles = std::numeric_limits<double>::infinity();

  /// A candidate of at least so many cycles is of no use. Allows for rounding.
  [[nodiscard]] bool useless(double cycles) const { return !all && cycles > fewest_cycles * (1 + 1e-9); }
  void add(double cycles, const GemmMapping& mapping) {
    if (useless(cycles)) return;
    fewest_cycles = std::min(fewest_cycles, cycles);
    list.push_back({cycles, mapping});
  }
};

/// Bank split for the tile, generous to double buffering; nullopt if the tiles do not fit at all.
std::optional<BankSplit> split_banks(const Divisor& bank, std::uint64_t banks_there, std::uint64_t a, std::uint64_t b,
                                     std::uint64_t out, bool& double_buffered) {
  const auto banks_of = [&](std::uint64_t bytes) {
    const Divisor::Result result = bank.divide(bytes);
    return std::max<std::uint64_t>(result.quotient + (result.remainder != 0 ? 1 : 0), 1);
  };
  for (const std::uint64_t copies : {2U, 1U}) {
    double_buffered = copies == 2;
    const BankSplit banks{banks_of(copies * a), banks_of(copies * b), banks_of(copies * out)};
    if (banks.a + banks.b + banks.out <= banks_there) return banks;
  }
  return std::nullopt;
}

/// What a step of full tiles takes, but for the A block.
struct StepCost {
  double compute = 0, a_words = 0;
  double b_words = 0;  ///< per A block
};

/// The A rows per block that need the fewest cycles, the least of them; nothing if none fits the PE buffers.
/// step_cycles: the cycles of a step.
std::optional<std::uint64_t> choose_block(const PassConfig& config, std::uint64_t groups, const RowSize& a,
                                          const RowSize& b, const std::vector<std::uint64_t>& blocks,
                                          const StepCost& cost, double& step_cycles) {
  const PeParams& pe = config.accelerator.pe;
  const bool a_reused = b.rows > pe.hold_rows;
  const double least = std::max(cost.compute, cost.a_words);
  std::optional<std::uint64_t> best;
  for (const std::uint64_t block : blocks) {
    if (a_reused && std::min(block, a.rows) * groups > config.buffer_a_vectors()) break;
    if (block > pe.lanes && std::min(b.rows, pe.hold_rows) * groups > config.buffer_b_vectors()) break;
    const double cycles = std::max(least, cost.b_words * static_cast<double>(ceil_div(a.slice, block)));
    if (best && cycles >= step_cycles) continue;
    best = block;
    step_cycles = cycles;
    if (cycles == least) break;  // the fewest that there can be
  }
  return best;
}

void add_candidates(const Gemm& gemm, const PassConfig& base, const MappingPin& pin, Side side, bool exact,
                    Choices& choices) {
  const PassConfig config = oriented(base, side);
  const PeParams& pe = config.accelerator.pe;
  Estimator estimator(gemm, side, config, pin, exact);
  const bool m = side == Side::kM;
  const std::uint64_t all_bytes = config.accelerator.global_buffer.bytes;
  const std::uint64_t all_banks = config.accelerator.global_buffer.banks;
  const Divisor bank(all_bytes / all_banks);
  std::vector<std::vector<std::uint64_t>> blocks;
  for (const RowSize& a : estimator.all_a()) blocks.push_back(ladder(pe.lanes, a.rows, pin.block));
  for (std::size_t k = 0; k < estimator.all_k().size(); ++k) {
    const std::uint64_t groups = ceil_div(estimator.all_k()[k], pe.vector_size);
    for (std::size_t a = 0; a < estimator.all_a().size(); ++a) {
      const std::uint64_t a_bytes = estimator.a_bytes(a, k);
      if (a_bytes > all_bytes) break;
      StepCost cost;
      cost.a_words = estimator.a_words(a, k);
      const double whole_chunk = estimator.chunk_cycles(pe.hold_rows, a, k);
      for (std::size_t b = 0; b < estimator.all_b().size(); ++b) {
        const std::uint64_t b_bytes = estimator.b_bytes(b, k);
        if (b_bytes > all_bytes) break;
        cost.compute = estimator.compute(a, b, k, whole_chunk);
        if (choices.useless(estimator.least_cycles(a, b, k, std::max(cost.compute, cost.a_words)))) continue;
        const std::uint64_t out_bytes = estimator.out_bytes(a, b, k);
        bool double_buffered = false;
        std::optional<BankSplit> banks = split_banks(bank, all_banks, a_bytes, b_bytes, out_bytes, double_buffered);
        if (pin.banks) banks = pin.banks;
        if (!banks) continue;
        cost.b_words = estimator.b_words(b, k);
        const RowSize& a_size = estimator.all_a()[a];
        const RowSize& b_size = estimator.all_b()[b];
        double step_cycles = 0;
        const std::optional<std::uint64_t> block =
            choose_block(config, groups, a_size, b_size, blocks[a], cost, step_cycles);
        if (!block) continue;
        GemmMapping mapping;
        mapping.operand_a = side;
        mapping.tile = {m ? a_size.rows : b_size.rows, m ? b_size.rows : a_size.rows, estimator.all_k()[k]};
        mapping.banks = *banks;
        mapping.block = *block;
        for (const bool a_outer : {false, true}) {
          const Dim first = a_outer == m ? Dim::kM : Dim::kN;
          mapping.order = {first, first == Dim::kM ? Dim::kN : Dim::kM, Dim::kK};
          if (pin.order) mapping.order = *pin.order;
          choices.add(estimator.cycles(a, b, k, out_bytes, step_cycles, a_outer, double_buffered), mapping);
        }
      }
    }
  }
}

/// The best candidate that fits; nothing if none does. first_error: why the very best one did not, if there was one.
std::optional<GemmMapping> best_fit(const Gemm& gemm, const PassConfig& config, const MappingPin& pin, bool exact,
                                    const std::string& where, std::optional<InputError>& first_error) {
  // Estimates know no edges, so the best may not fit; then the next best is tried.
  for (const bool all : {false, true}) {
    Choices choices;
    choices.all = all;
    for (const Side side : {Side::kM, Side::kN}) {
      if (!pin.operand_a || *pin.operand_a == side) add_candidates(gemm, config, pin, side, exact, choices);
    }
    std::vector<Choice>& list = choices.list;
    while (!list.empty()) {
      const auto best = std::min_element(list.begin(), list.end(),
                                         [](const Choice& x, const Choice& y) { return x.cycles < y.cycles; });
      try {
        check_mapping(gemm, best->mapping, config, where);
        return best->mapping;
      } catch (const InputError& error) {
        if (!first_error) first_error = error;
      }
      if (!all) break;  // the next best may not be among them
      list.erase(best);
    }
  }
  return std::nullopt;
}

}  // namespace

GemmMapping heuristic_mapping(const Gemm& gemm, const PassConfig& config, const MappingPin& pin,
                              const std::string& where) {
  std::optional<InputError> first_error;
  // Where estimated footprints leave nothing that fits, counted ones may.
  for (const bool exact : {false, true}) {
    first_error.reset();
    if (const auto mapping = best_fit(gemm, config, pin, exact, where, first_error)) return *mapping;
  }
  if (first_error) throw *first_error;
  throw InputError("mapping of " + where, "",
                   "m " + std::to_string(gemm.m) + ", n " + std::to_string(gemm.n) + ", k " + std::to_string(gemm.k),
                   "a GEMM of which some tile fits the buffers of the accelerator");
}

}  // namespace lnsim
