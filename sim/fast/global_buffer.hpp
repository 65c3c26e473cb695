// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/network.hpp"
#include "sim/fast/transposer.hpp"

namespace lnsim::fast {

/// Rows of a tile that a port came to, and when.
struct RowsRead {
  std::size_t step = 0;
  std::uint64_t begin = 0, end = 0;
  Cycle start = 0;   ///< of the first unit that has one of them, or a cycle before it
  Cycle filled = 0;  ///< their words are in the global buffer (seen)
  /// The unit waited for its words, or would have.
  [[nodiscard]] bool waited() const { return filled == start; }
};

/// The port of operand A or B: its units in the order of AUnitWalk and BUnitWalk of sim/schedule/walks.hpp, through the
/// transposer or directly to the PEs (docs/machine.md, G1 to G4, X1, X2, N1, N2).
class OperandPort {
 public:
  /// region: kA or kB.
  OperandPort(Shapes& shapes, Region region, BufferState& buffer, std::deque<Lanes>& pes);

  /// Sends units as far as what they need is known; true if it sent one.
  bool advance();
  [[nodiscard]] bool done() const { return step_ == schedule_.steps().size(); }
  [[nodiscard]] std::string state() const;
  [[nodiscard]] const LinkUse& link() const { return link_; }
  [[nodiscard]] const Transposer& transposer() const { return transposer_; }
  /// Where its loops stand.
  struct Place {
    std::size_t step = 0;
    std::uint64_t block = 0, row = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  [[nodiscard]] Place place() const { return {step_, block_, row_}; }
  [[nodiscard]] Cycle next() const { return next_; }
  /// Forgets when credits and words of its tiles came that came before the port was free.
  void forget_past();
  void visit(StateVisitor& state);
  /// The tile at hand is in the global buffer before this cycle; true where there is no such tile any more.
  [[nodiscard]] bool tile_filled_before(Cycle cycle) const;
  /// The last word of the step before.
  [[nodiscard]] Cycle left() const { return left_; }
  /// The rows that it comes to from now on go into `log`, until it is null.
  void log(std::vector<RowsRead>* log);
  /// It was moved on from there within its tile, of which all was filled before `start`.
  void moved_on(const Place& from, Cycle start);
  /// The words of all these rows, so many steps and cycles later, are there as they were then, or still early.
  [[nodiscard]] bool filled_alike(const std::vector<RowsRead>& rows, std::size_t steps, Cycle shift) const;
  /// Frees the space of the step at hand, if nobody reads its tile any more (G4).
  void free_tile(Cycle cycle);
  /// Its state was moved on to the next step, of the same shape: what depends on the tile itself.
  void came_to_step(Cycle left);
  /// Stalls and counts of the port; the ones that the ports share are the machine's.
  void report(RunResult& result) const;

 private:
  enum Cause : std::size_t { kFill, kCredit, kTransposer, kDone };
  /// A PE row (A) or column (B) in the units of one block and lane group (A) or chunk (B).
  struct Target {
    OperandBuffer* const* pes = nullptr;  ///< its PEs, `stride_` apart
    std::uint64_t hops = 0;               ///< from the port to the first of them
    std::uint64_t vectors = 0, words = 0;
    std::uint64_t filled_words = 0;  ///< that the fill counter must have passed (G2)
    Cycle filled = kUnknown;         ///< it has (seen)
    bool logged = false;             ///< these rows
    // Of the last unit.
    Cycle start = 0;
    Cycle first_word = 0;  ///< on the link
    std::uint64_t gap = 0;
    Cause cause = kFill;
  };
  /// What the times of the next units depend on, but for credits.
  struct Round {
    Cycle next = 0;
    std::array<Cycle, 2> turned_out{};
    std::uint64_t turned = 0;
  };

  [[nodiscard]] bool is_a() const { return region_ == Region::kA; }
  [[nodiscard]] std::uint64_t array_columns() const { return schedule_.config().accelerator.pe_array.columns; }
  void fit_shape();
  void enter_step();
  void enter_block();
  void enter_position();
  void next_position();
  bool send(Target& target);
  [[nodiscard]] bool waits() const;
  /// Words of the pass's loads up to these rows of the tile of a step.
  [[nodiscard]] std::uint64_t words_up_to(const Step& step, std::uint64_t begin, std::uint64_t end) const {
    return is_a() ? step.a_word_base + step.a->need(begin, end) : step.b_word_base + step.b->need(begin, end);
  }
  void log_rows(Target& target, Cycle start);
  void charge(const Target& target, std::uint64_t units);
  bool repeat_round();
  [[nodiscard]] std::uint64_t equal_units(const Target& target, Cycle period);
  void send_equal(Target& target, Cycle period, std::uint64_t units);
  [[nodiscard]] Round state_now() const { return {next_, transposer_.last_words(), transposer_.units()}; }

  Shapes& shapes_;
  const GemmSchedule& schedule_;
  Region region_;
  BufferState& buffer_;
  std::vector<OperandBuffer*> destinations_;  ///< of every PE
  Transposer transposer_;
  std::uint64_t rows_per_target_;  ///< lanes (A) or hold_rows (B)
  std::uint64_t capacity_;         ///< vectors of a PE's buffer
  Cycle read_cycles_, hop_cycles_;
  std::uint64_t stride_;
  std::vector<std::uint64_t> unit_words_;  ///< per number of vectors

  std::size_t step_ = 0;
  const Step* step_at_ = nullptr;
  StepShape shape_;
  std::uint64_t slice_ = 0, all_rows_ = 0;  ///< of this operand: rows of a full target, rows of the step
  std::uint64_t word_base_ = 0;
  bool transposed_ = false;
  std::uint64_t block_ = 0,
                row_ = 0;  ///< where the loops stand: first row of the block, of the lane group (A) or chunk (B)
  std::vector<Target> targets_;
  std::size_t target_count_ = 0;
  std::uint64_t fan_ = 0;  ///< PEs that a unit goes to
  std::size_t target_ = 0;
  std::uint64_t group_ = 0;

  Cycle left_ = 0;
  std::vector<RowsRead>* log_ = nullptr;

  /// What the next unit was found to wait for, so that it is not looked at again and again: words of the pass, or
  /// vectors that a PE has freed.
  struct Wait {
    std::uint64_t words = 0;
    const OperandBuffer* pe = nullptr;
    std::uint64_t vectors = 0;
  };
  Wait wait_;
  Cycle rate_ = 1;  ///< cycles per word
  Cycle next_ = 0;  ///< the port is free
  Cycle last_word_ = 0;
  Round before_;  ///< the last round of units
  LinkUse link_;
  std::uint64_t delivered_vectors_ = 0;
  Stalls<4> stalls_;
};

/// The port of partial sums to continue (docs/machine.md, N5).
class PreloadPort {
 public:
  PreloadPort(const GemmSchedule& schedule, BufferState& buffer, std::deque<Lanes>& pes);
  bool advance();
  [[nodiscard]] bool done() const { return !any_ || order_.done(); }
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] const TileOrder& order() const { return order_; }
  /// The sums of the step at hand, if they come from DRAM, are in the global buffer before this cycle.
  [[nodiscard]] bool filled_before(Cycle cycle) const;
  void forget_past() { buffer_.filled_of(Region::kOut).forget_past(next_); }
  void visit(StateVisitor& state);
  [[nodiscard]] std::string state() const;
  [[nodiscard]] const LinkUse& link() const { return link_; }
  void report(RunResult& result) const;

 private:
  enum Cause : std::size_t { kSums, kCredit, kDone };
  [[nodiscard]] Cycle sums_there();
  void pass_over();

  const GemmSchedule& schedule_;
  BufferState& buffer_;
  std::deque<Lanes>& pes_;
  bool any_ = false;
  TileOrder order_;
  std::vector<std::uint64_t> tile_of_pe_;
  Cycle next_ = 0;
  LinkUse link_;
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
