// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/data/output_elements.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/requantizer.hpp"
#include "sim/schedule/walks.hpp"
#include "sim/systemc/own_operands.hpp"

namespace lnsim::systemc {

/// Throws SimulationError, with `where` in front, at the first code that differs.
void compare_codes(const CodeTensor& got, const CodeTensor& expected, const std::string& where);

/// Holds a run with data against the numerics library, output by output, while it runs.
///
/// Operands are the workload's: gathered from the pass's tensors, for tiles, K-groups, positions and partial sums that
/// the checker counts itself. The machine tells what it feeds its dot-product unit. A tile is *proven* if its sums
/// started from the checker's (zero, or its own partial sums), every K-group came once and in order with the same
/// codes, and nothing else wrote to its bank. Then the machine's sums are the library's function evaluated on the
/// workload's operands, and evaluating it a second time could not give anything else. For a tile that is not proven,
/// the checker evaluates the library itself on its own operands. The same holds for the requantiser.
///
/// So the verdict is that of reference_codes() on the whole pass, at the price of comparing operands.
class Checker {
 public:
  /// a, b: tensors of the machine's operands; out: the output tensor before the run. unit: operands in the machine's
  /// order. Throws SimulationError if the steps do not cover every GEMM's sums from k = 0 to the end, in order.
  Checker(const GemmSchedule& schedule, const CodeTensor& a, const CodeTensor& b, CodeTensor out,
          const numerics::DotUnit& unit, const numerics::Requantizer& requantizer);

  /// PE `pe` is about to add a K-group to its sums, [row][stride]. `writes`: how often anyone was let at the sums'
  /// bank.
  void group(std::size_t pe, const numerics::GroupBlock& moved, const numerics::Psum* sums, std::size_t stride,
             std::uint64_t writes);
  /// The last row of PE `pe`'s tile has issued; `saturations` of the tile's updates.
  void end_tile(std::size_t pe, const numerics::Psum* sums, std::size_t stride, std::uint64_t saturations);
  /// PE `pe` made codes of a tile's sums, both packed [row][lane].
  void requantised(std::size_t pe, const numerics::Psum* sums, const std::byte* codes, std::uint64_t outputs,
                   std::uint64_t clipped);

  /// After the run: throws SimulationError, with `where` in front, unless the output tensor equals what was expected
  /// bit by bit, every output of every GEMM was expected exactly once, and the counts agree.
  void finish(const CodeTensor& got, std::uint64_t saturations, std::uint64_t clipped, const std::string& where) const;

  /// Tiles whose sums, or whose codes, the checker had to evaluate itself: 0 unless something is wrong.
  [[nodiscard]] std::uint64_t evaluated() const { return evaluated_; }

 private:
  /// The checker's own partial sums of a step's tile, [b_row][a_row].
  struct Partials {
    std::vector<numerics::Psum> sums;
    std::uint64_t left = 0;  ///< outputs whose sums are not complete
  };
  /// GEMM, output offset, first A row, first B row of the step.
  using PartialsKey = std::array<std::uint64_t, 4>;
  /// A tile whose codes have not been made yet.
  struct Finished {
    PeTile tile;
    std::vector<numerics::Psum> sums;  ///< [row][lane]
  };
  struct PeState {
    PeWalk walk;
    OwnOperands a, b;
    const std::byte* a_panel = nullptr;  ///< of the tile
    const std::byte* b_panel = nullptr;
    std::uint64_t group = 0;
    std::uint64_t first_writes = 0;  ///< `writes` at group 0
    bool proven = true;
    std::vector<Finished> finished{};  ///< ring
    std::uint64_t finished_begin = 0, finished_end = 0;
  };

  void add_gemm(std::uint32_t gemm);
  void check_steps() const;
  void begin_tile(PeState& pe);
  [[nodiscard]] numerics::GroupBlock own_block(const PeState& pe) const;
  [[nodiscard]] bool same_operands(const PeState& pe, const numerics::GroupBlock& moved) const;
  [[nodiscard]] bool same_start(const PeTile& tile, const numerics::Psum* sums, std::size_t stride) const;
  void evaluate(PeState& pe, std::vector<numerics::Psum>& sums);
  void keep_partials(const PeTile& tile, const std::vector<numerics::Psum>& sums);
  void expect(const PeTile& tile, const std::byte* codes);
  static PartialsKey key(const Step& step);

  const GemmSchedule& schedule_;
  const numerics::DotUnit& unit_;
  const numerics::Requantizer& requantizer_;
  CodeTensor expected_;
  unsigned a_container_, b_container_, out_container_;
  std::vector<PeState> pes_;
  std::vector<OutputElements> elements_;                       ///< per GEMM
  std::vector<std::map<std::int64_t, BatchOffsets>> offsets_;  ///< per GEMM, by output offset
  std::vector<bool> m_is_a_;                                   ///< per GEMM: machine operand A is the M side
  std::map<PartialsKey, Partials> partials_;
  std::vector<std::byte> expected_times_;  ///< per output element: 0 or 1
  std::uint64_t outputs_ = 0, expected_outputs_ = 0;
  std::uint64_t saturations_ = 0, clipped_ = 0, evaluated_ = 0;
  std::vector<numerics::Psum> scratch_;
  std::vector<std::byte> codes_;
  std::vector<std::uint64_t> lane_elements_;
};

}  // namespace lnsim::systemc
