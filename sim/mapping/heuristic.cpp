// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "sim/mapping/estimator.hpp"
#include "sim/support/divisor.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

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
  for (const RowSize& a : estimator.all_a()) blocks.push_back(size_ladder(pe.lanes, a.rows, pin.block));
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
