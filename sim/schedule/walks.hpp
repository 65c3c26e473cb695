// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim {

/// One output tile of one PE: t_eff rows of B times l_eff lanes of A, accumulated over `groups` K-groups.
struct PeTile {
  const Step* step = nullptr;
  std::uint32_t step_index = 0;
  /// Where the loops of the step stand: first row of A block, B chunk and lane group, relative to the PE's slices.
  std::uint64_t block = 0, chunk = 0, lane_group = 0;
  std::uint64_t a_row = 0;  ///< first lane's row of operand A, within the step's tile
  std::uint64_t b_row = 0;
  std::uint64_t lanes = 0;  ///< l_eff
  std::uint64_t rows = 0;   ///< t_eff
  std::uint64_t groups = 0;
  std::uint64_t last_elements = 0;  ///< elements of the last K-group
  bool first_chunk = false;         ///< first B chunk of the block: A vectors are new
  bool last_chunk = false;          ///< last B chunk of the block: A vectors are freed
  bool first_lane_group = false;    ///< of the block: B vectors are new
  bool last_lane_group = false;     ///< B vectors are freed

  [[nodiscard]] std::uint64_t outputs() const { return lanes * rows; }
};

/// Visits the output tiles of one PE in the order of docs/machine.md, section 2.
class PeWalk {
 public:
  PeWalk(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column);
  [[nodiscard]] bool done() const { return step_ >= schedule_->steps().size(); }
  [[nodiscard]] const PeTile& tile() const { return tile_; }
  void next();
  /// The step where it stands; the number of steps at the end.
  [[nodiscard]] std::size_t step_index() const { return step_; }
  /// Goes on at another place, in a step in which the PE has something to do.
  void move_to(std::size_t step, std::uint64_t block, std::uint64_t chunk, std::uint64_t lane_group);

 private:
  void enter_step();
  void fit_shape();
  void fill_tile();

  const GemmSchedule* schedule_;
  std::uint64_t pe_row_, pe_column_;
  std::size_t step_ = 0;
  StepShape shape_;
  std::uint64_t a_rows_ = 0, b_rows_ = 0;
  std::uint64_t block_ = 0, chunk_ = 0, lane_group_ = 0;  // rows where the loops stand
  PeTile tile_;
};

/// A unit of an operand stream: the vectors of one K-group of one lane group (A) or B chunk (B) for one PE row (A) or
/// column (B).
struct Unit {
  const Step* step = nullptr;
  std::uint32_t step_index = 0;
  std::uint64_t target = 0;  ///< PE row (A) or column (B)
  std::uint64_t row = 0;     ///< first row, within the step's tile
  std::uint64_t vectors = 0;
  std::uint64_t k = 0;  ///< first k, within the step's tile
  std::uint64_t elements = 0;
  std::uint64_t words = 0;
  std::uint64_t block = 0;    ///< block counter: which PEs of the group have work
  bool last_of_tile = false;  ///< last unit that reads the step's tile
  bool transposed = false;
};

/// Units of operand A: (step, block, lane group, K-group, PE row).
class AUnitWalk {
 public:
  explicit AUnitWalk(const GemmSchedule& schedule);
  [[nodiscard]] bool done() const { return step_ >= schedule_->steps().size(); }
  [[nodiscard]] const Unit& unit() const { return unit_; }
  void next();

 private:
  void enter_step();
  bool settle();  // moves on to a position with work; false at the end of the step
  void advance();
  void fill();

  const GemmSchedule* schedule_;
  std::size_t step_ = 0;
  StepShape shape_;
  std::uint64_t most_rows_ = 0;  // rows of the fullest PE row
  std::uint64_t units_left_ = 0;
  std::uint64_t block_ = 0, lane_group_ = 0, group_ = 0, pe_row_ = 0;
  Unit unit_;
};

/// Units of operand B: (step, block, chunk, K-group, PE column).
class BUnitWalk {
 public:
  explicit BUnitWalk(const GemmSchedule& schedule);
  [[nodiscard]] bool done() const { return step_ >= schedule_->steps().size(); }
  [[nodiscard]] const Unit& unit() const { return unit_; }
  void next();

 private:
  void enter_step();
  bool settle();
  void advance();
  void fill();

  const GemmSchedule* schedule_;
  std::size_t step_ = 0;
  StepShape shape_;
  std::uint64_t most_rows_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t units_left_ = 0;
  std::uint64_t block_ = 0, chunk_ = 0, group_ = 0, pe_column_ = 0;
  Unit unit_;
};

/// Output tiles of all PEs in drain order: (step, A block, B chunk, lane group, PE row-major). That is the order in
/// which their operands are sent, so a tile never waits for one whose operands come later, whatever the PEs' shares of
/// a step.
class DrainWalk {
 public:
  explicit DrainWalk(const GemmSchedule& schedule);
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const PeTile& tile() const { return walks_[pe_].tile(); }
  [[nodiscard]] std::size_t pe() const { return pe_; }
  /// Position of the tile in the pass: how many tiles drain before it.
  [[nodiscard]] std::uint64_t index() const { return index_; }
  void next();

 private:
  void find();

  std::vector<PeWalk> walks_;
  std::size_t pe_ = 0;
  std::uint64_t index_ = 0;
  bool done_ = false;
};

}  // namespace lnsim
