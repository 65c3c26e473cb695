// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/state.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim::fast {

/// Output tiles of all PEs in drain order, as DrainWalk of sim/schedule/walks.hpp visits them, in constant time per
/// tile whatever the number of PEs.
class TileOrder {
 public:
  explicit TileOrder(const GemmSchedule& schedule);

  [[nodiscard]] bool done() const { return step_ >= schedule_->steps().size(); }
  [[nodiscard]] const Step& step() const { return *step_at_; }
  [[nodiscard]] std::size_t step_index() const { return step_; }
  [[nodiscard]] std::uint64_t pe_row() const { return row_; }
  [[nodiscard]] std::uint64_t pe_column() const { return column_; }
  [[nodiscard]] std::size_t pe() const { return row_ * array_columns_ + column_; }
  /// PEs that have a tile in this lane group.
  [[nodiscard]] std::uint64_t pes() const { return rows_ * columns_; }
  /// Tiles of the pass that drain before this one.
  [[nodiscard]] std::uint64_t index() const { return index_; }
  /// t_eff x l_eff.
  [[nodiscard]] std::uint64_t outputs() const;
  /// True if it leaves the lane group: the tile before was its last.
  bool next();

  [[nodiscard]] std::uint64_t block() const { return block_; }
  [[nodiscard]] std::uint64_t chunk() const { return chunk_; }
  [[nodiscard]] std::uint64_t lane_group() const { return lane_group_; }
  [[nodiscard]] const StepShape& shape() const { return shape_; }
  void visit(StateVisitor& state) {
    const std::size_t before = step_;
    state.step(step_);
    state.block(block_);
    state.chunk(chunk_);
    state.lanes(lane_group_);
    for (const std::uint64_t place : {rows_, columns_, row_, column_}) state.same(place);
    state.count(index_);
    if (step_ != before && !done()) fit_shape();
  }

 private:
  void fit_shape();
  void enter_step();
  void enter_position();

  const GemmSchedule* schedule_;
  std::uint64_t lanes_, hold_rows_, array_columns_;
  std::size_t step_ = 0;
  const Step* step_at_ = nullptr;
  StepShape shape_;
  std::uint64_t all_rows_ = 0, all_columns_ = 0;          // of PEs that work in the step
  std::uint64_t first_a_rows_ = 0, first_b_rows_ = 0;     // of the first PE, which has the most
  std::uint64_t block_ = 0, chunk_ = 0, lane_group_ = 0;  // rows where the loops stand
  std::uint64_t rows_ = 0, columns_ = 0;                  // of PEs that have a tile there
  std::uint64_t row_ = 0, column_ = 0;
  std::uint64_t index_ = 0;
};

}  // namespace lnsim::fast
