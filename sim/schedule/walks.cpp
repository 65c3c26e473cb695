// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/walks.hpp"

#include <algorithm>
#include <tuple>

namespace lnsim {

PeWalk::PeWalk(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column)
    : schedule_(&schedule), pe_row_(pe_row), pe_column_(pe_column) {
  enter_step();
}

void PeWalk::fit_shape() {
  const Step& step = schedule_->steps()[step_];
  shape_ = schedule_->shape(step);
  a_rows_ = shape_.a_rows(step, pe_row_);
  b_rows_ = shape_.b_rows(step, pe_column_);
}

void PeWalk::move_to(std::size_t step, std::uint64_t block, std::uint64_t chunk, std::uint64_t lane_group) {
  if (step == step_ && block == block_ && chunk == chunk_ && lane_group == lane_group_) return;
  const bool other_step = step != step_;
  step_ = step;
  if (other_step) fit_shape();
  block_ = block;
  chunk_ = chunk;
  lane_group_ = lane_group;
  fill_tile();
}

// Skips steps in which this PE has nothing to do.
void PeWalk::enter_step() {
  for (; step_ < schedule_->steps().size(); ++step_) {
    fit_shape();
    if (a_rows_ == 0 || b_rows_ == 0) continue;
    block_ = chunk_ = lane_group_ = 0;
    fill_tile();
    return;
  }
}

void PeWalk::fill_tile() {
  const PeParams& pe = schedule_->config().accelerator.pe;
  const Step& step = schedule_->steps()[step_];
  const std::uint64_t block_rows = std::min(shape_.block, a_rows_ - block_);
  tile_.step = &step;
  tile_.step_index = static_cast<std::uint32_t>(step_);
  tile_.a_row = shape_.a_slice * pe_row_ + block_ + lane_group_;
  tile_.b_row = shape_.b_slice * pe_column_ + chunk_;
  tile_.lanes = std::min(pe.lanes, block_rows - lane_group_);
  tile_.rows = std::min(pe.hold_rows, b_rows_ - chunk_);
  tile_.block = block_;
  tile_.chunk = chunk_;
  tile_.lane_group = lane_group_;
  tile_.groups = shape_.groups;
  tile_.last_elements = shape_.last_elements;
  tile_.first_chunk = chunk_ == 0;
  tile_.last_chunk = chunk_ + pe.hold_rows >= b_rows_;
  tile_.first_lane_group = lane_group_ == 0;
  tile_.last_lane_group = lane_group_ + pe.lanes >= block_rows;
}

void PeWalk::next() {
  const PeParams& pe = schedule_->config().accelerator.pe;
  lane_group_ += pe.lanes;
  if (lane_group_ >= std::min(shape_.block, a_rows_ - block_)) {
    lane_group_ = 0;
    chunk_ += pe.hold_rows;
    if (chunk_ >= b_rows_) {
      chunk_ = 0;
      block_ += shape_.block;
      if (block_ >= a_rows_) {
        ++step_;
        enter_step();
        return;
      }
    }
  }
  fill_tile();
}

AUnitWalk::AUnitWalk(const GemmSchedule& schedule) : schedule_(&schedule) { enter_step(); }

void AUnitWalk::enter_step() {
  if (done()) return;
  const Step& step = schedule_->steps()[step_];
  const PeParams& pe = schedule_->config().accelerator.pe;
  shape_ = schedule_->shape(step);
  most_rows_ = shape_.a_rows(step, 0);
  std::uint64_t lane_groups = 0;
  for (std::uint64_t r = 0; r < schedule_->config().accelerator.pe_array.rows; ++r) {
    lane_groups += ceil_div(shape_.a_rows(step, r), pe.lanes);
  }
  units_left_ = lane_groups * shape_.groups;
  block_ = lane_group_ = group_ = pe_row_ = 0;
  settle();
}

bool AUnitWalk::settle() {
  const Step& step = schedule_->steps()[step_];
  while (units_left_ > 0) {
    const std::uint64_t rows = shape_.a_rows(step, pe_row_);
    if (block_ < rows && lane_group_ < std::min(shape_.block, rows - block_)) {
      fill();
      return true;
    }
    advance();
  }
  return false;
}

void AUnitWalk::advance() {
  const Accelerator& machine = schedule_->config().accelerator;
  if (++pe_row_ < machine.pe_array.rows) return;
  pe_row_ = 0;
  if (++group_ < shape_.groups) return;
  group_ = 0;
  lane_group_ += machine.pe.lanes;
  if (lane_group_ < std::min(shape_.block, most_rows_ - block_)) return;
  lane_group_ = 0;
  block_ += shape_.block;
}

void AUnitWalk::fill() {
  const Step& step = schedule_->steps()[step_];
  const PeParams& pe = schedule_->config().accelerator.pe;
  const std::uint64_t rows = std::min(shape_.block, shape_.a_rows(step, pe_row_) - block_);
  unit_.step = &step;
  unit_.step_index = static_cast<std::uint32_t>(step_);
  unit_.target = pe_row_;
  unit_.row = shape_.a_slice * pe_row_ + block_ + lane_group_;
  unit_.vectors = std::min(pe.lanes, rows - lane_group_);
  unit_.k = group_ * pe.vector_size;
  unit_.elements = group_ + 1 == shape_.groups ? shape_.last_elements : pe.vector_size;
  unit_.words = schedule_->a_unit_words(unit_.vectors);
  unit_.block = block_ / shape_.block;
  unit_.last_of_tile = units_left_ == 1;
  unit_.transposed = schedule_->transpose_a(step);
}

void AUnitWalk::next() {
  --units_left_;
  advance();
  if (units_left_ > 0) {
    settle();
    return;
  }
  ++step_;
  enter_step();
}

BUnitWalk::BUnitWalk(const GemmSchedule& schedule) : schedule_(&schedule) { enter_step(); }

void BUnitWalk::enter_step() {
  if (done()) return;
  const Step& step = schedule_->steps()[step_];
  const Accelerator& machine = schedule_->config().accelerator;
  shape_ = schedule_->shape(step);
  most_rows_ = shape_.b_rows(step, 0);
  blocks_ = ceil_div(shape_.a_rows(step, 0), shape_.block);
  std::uint64_t chunks = 0;
  for (std::uint64_t c = 0; c < machine.pe_array.columns; ++c) {
    chunks += ceil_div(shape_.b_rows(step, c), machine.pe.hold_rows);
  }
  units_left_ = chunks * shape_.groups * blocks_;
  block_ = chunk_ = group_ = pe_column_ = 0;
  settle();
}

bool BUnitWalk::settle() {
  const Step& step = schedule_->steps()[step_];
  while (units_left_ > 0) {
    if (chunk_ < shape_.b_rows(step, pe_column_)) {
      fill();
      return true;
    }
    advance();
  }
  return false;
}

void BUnitWalk::advance() {
  const Accelerator& machine = schedule_->config().accelerator;
  if (++pe_column_ < machine.pe_array.columns) return;
  pe_column_ = 0;
  if (++group_ < shape_.groups) return;
  group_ = 0;
  chunk_ += machine.pe.hold_rows;
  if (chunk_ < most_rows_) return;
  chunk_ = 0;
  ++block_;
}

void BUnitWalk::fill() {
  const Step& step = schedule_->steps()[step_];
  const PeParams& pe = schedule_->config().accelerator.pe;
  unit_.step = &step;
  unit_.step_index = static_cast<std::uint32_t>(step_);
  unit_.target = pe_column_;
  unit_.row = shape_.b_slice * pe_column_ + chunk_;
  unit_.vectors = std::min(pe.hold_rows, shape_.b_rows(step, pe_column_) - chunk_);
  unit_.k = group_ * pe.vector_size;
  unit_.elements = group_ + 1 == shape_.groups ? shape_.last_elements : pe.vector_size;
  unit_.words = schedule_->b_unit_words(unit_.vectors);
  unit_.block = block_;
  unit_.last_of_tile = units_left_ == 1;
  unit_.transposed = schedule_->transpose_b(step);
}

void BUnitWalk::next() {
  --units_left_;
  advance();
  if (units_left_ > 0) {
    settle();
    return;
  }
  ++step_;
  enter_step();
}

DrainWalk::DrainWalk(const GemmSchedule& schedule) {
  const PeArrayParams& array = schedule.config().accelerator.pe_array;
  for (std::uint64_t r = 0; r < array.rows; ++r) {
    for (std::uint64_t c = 0; c < array.columns; ++c) walks_.emplace_back(schedule, r, c);
  }
  find();
}

void DrainWalk::find() {
  const auto position = [](const PeTile& tile) {
    return std::tuple(tile.step_index, tile.block, tile.chunk, tile.lane_group);
  };
  done_ = true;
  for (std::size_t pe = 0; pe < walks_.size(); ++pe) {
    if (walks_[pe].done()) continue;
    if (done_ || position(walks_[pe].tile()) < position(walks_[pe_].tile())) pe_ = pe;
    done_ = false;
  }
}

void DrainWalk::next() {
  walks_[pe_].next();
  ++index_;
  find();
}

}  // namespace lnsim
