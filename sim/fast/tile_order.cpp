// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/tile_order.hpp"

#include <algorithm>

#include "sim/fast/shapes.hpp"

namespace lnsim::fast {

TileOrder::TileOrder(const GemmSchedule& schedule)
    : schedule_(&schedule),
      lanes_(schedule.config().accelerator.pe.lanes),
      hold_rows_(schedule.config().accelerator.pe.hold_rows),
      array_columns_(schedule.config().accelerator.pe_array.columns) {
  enter_step();
}

void TileOrder::fit_shape() {
  step_at_ = &schedule_->steps()[step_];
  shape_ = schedule_->shape(*step_at_);
  all_rows_ = slices_beyond(step_at_->a_rows, shape_.a_slice, 0);
  all_columns_ = slices_beyond(step_at_->b_rows, shape_.b_slice, 0);
  first_a_rows_ = shape_.a_rows(*step_at_, 0);
  first_b_rows_ = shape_.b_rows(*step_at_, 0);
}

void TileOrder::enter_step() {
  if (done()) return;
  fit_shape();
  block_ = chunk_ = lane_group_ = 0;
  rows_ = all_rows_;
  columns_ = all_columns_;
  enter_position();
}

// The PEs that have work at a position are the first rows and columns: slices are full but for the last.
void TileOrder::enter_position() {
  while (shape_.a_slice * (rows_ - 1) + block_ + lane_group_ >= step_at_->a_rows) --rows_;
  while (shape_.b_slice * (columns_ - 1) + chunk_ >= step_at_->b_rows) --columns_;
  row_ = column_ = 0;
}

std::uint64_t TileOrder::outputs() const {
  const std::uint64_t block_rows = std::min(shape_.block, shape_.a_rows(*step_at_, row_) - block_);
  return std::min(lanes_, block_rows - lane_group_) * std::min(hold_rows_, shape_.b_rows(*step_at_, column_) - chunk_);
}

bool TileOrder::next() {
  ++index_;
  if (++column_ < columns_) return false;
  column_ = 0;
  if (++row_ < rows_) return false;
  lane_group_ += lanes_;
  if (lane_group_ >= std::min(shape_.block, first_a_rows_ - block_)) {
    lane_group_ = 0;
    rows_ = all_rows_;
    chunk_ += hold_rows_;
    if (chunk_ >= first_b_rows_) {
      chunk_ = 0;
      columns_ = all_columns_;
      block_ += shape_.block;
      if (block_ >= first_a_rows_) {
        ++step_;
        enter_step();
        return true;
      }
    }
  }
  enter_position();
  return true;
}

}  // namespace lnsim::fast
