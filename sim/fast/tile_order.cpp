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

void TileOrder::enter_step() {
  if (done()) return;
  shape_ = schedule_->shape(step());
  block_ = chunk_ = lane_group_ = 0;
  enter_position();
}

// The PEs that have work at a position are the first rows and columns: slices are full but for the last.
void TileOrder::enter_position() {
  rows_ = slices_beyond(step().a_rows, shape_.a_slice, block_ + lane_group_);
  columns_ = slices_beyond(step().b_rows, shape_.b_slice, chunk_);
  row_ = column_ = 0;
}

std::uint64_t TileOrder::outputs() const {
  const std::uint64_t block_rows = std::min(shape_.block, shape_.a_rows(step(), row_) - block_);
  return std::min(lanes_, block_rows - lane_group_) * std::min(hold_rows_, shape_.b_rows(step(), column_) - chunk_);
}

void TileOrder::next() {
  ++index_;
  if (++column_ < columns_) return;
  column_ = 0;
  if (++row_ < rows_) return;
  lane_group_ += lanes_;
  if (lane_group_ >= std::min(shape_.block, shape_.a_rows(step(), 0) - block_)) {
    lane_group_ = 0;
    chunk_ += hold_rows_;
    if (chunk_ >= shape_.b_rows(step(), 0)) {
      chunk_ = 0;
      block_ += shape_.block;
      if (block_ >= shape_.a_rows(step(), 0)) {
        ++step_;
        enter_step();
        return;
      }
    }
  }
  enter_position();
}

}  // namespace lnsim::fast
