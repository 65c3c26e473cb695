// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/fast/buffer_state.hpp"
#include "sim/fast/lanes.hpp"
#include "sim/fast/tile_order.hpp"

namespace lnsim::fast {

/// Words and word hops of one link.
struct LinkUse {
  std::uint64_t words = 0, hops = 0;
  void add(std::uint64_t more_words, std::uint64_t hops_each) {
    words += more_words;
    hops += more_words * hops_each;
  }
  void visit(StateVisitor& state) {
    state.total(words);
    state.total(hops);
  }
};

/// Claims of output tiles that come from the PEs (docs/machine.md, N4).
class OutputClaims {
 public:
  /// All that changes.
  struct State {
    std::size_t step = 0;
    Cycle next = 0;
    Ring<Cycle> claimed;  ///< not used yet, in the order of the steps that make them
  };

  OutputClaims(const GemmSchedule& schedule, BufferState& buffer) : schedule_(schedule), buffer_(buffer) {}
  bool advance();
  [[nodiscard]] bool done() const { return s_.step == schedule_.steps().size(); }
  [[nodiscard]] Ring<Cycle>& claimed() { return s_.claimed; }
  /// To come back to it later.
  [[nodiscard]] const State& all() const { return s_; }
  void come_back(const State& state) { s_ = state; }
  void visit(StateVisitor& state) {
    state.step(s_.step);
    state.clock(s_.next);
    state.times(s_.claimed);
  }

 private:
  const GemmSchedule& schedule_;
  BufferState& buffer_;
  State s_;
};

/// The drain link: output tiles from the PPUs to the global buffer, in drain order (docs/machine.md, N3).
class NetworkDrain {
 public:
  NetworkDrain(const GemmSchedule& schedule, BufferState& buffer, std::deque<Lanes>& pes, OutputClaims& claims);
  /// Drains tiles as far as what they need is known, but only those of one lane group of all PEs; true if it drained
  /// one.
  bool advance();
  [[nodiscard]] bool done() const { return order_.done(); }
  [[nodiscard]] std::string state() const;
  void report(RunResult& result) const;
  [[nodiscard]] const TileOrder& order() const { return order_; }
  [[nodiscard]] Cycle next() const { return next_; }
  /// Of the last tile that claimed space: when its first word was there, and whether it waited for the claim.
  [[nodiscard]] Cycle claimed_output_there() const { return there_; }
  [[nodiscard]] bool waited_for_claim() const { return waited_; }
  /// Tiles of the last turn.
  [[nodiscard]] std::uint64_t last_turn_tiles() const { return turn_tiles_; }
  void visit(StateVisitor& state) {
    order_.visit(state);
    state.clock(next_);
    link_.visit(state);
    state.stalls(stalls_);
  }

 private:
  enum Cause : std::size_t { kPpu, kClaim, kDone };

  BufferState& buffer_;
  std::deque<Lanes>& pes_;
  OutputClaims& claims_;
  TileOrder order_;
  PackTable pack_;
  unsigned out_bits_, psum_bits_;
  Cycle to_buffer_;  ///< from the link to the global buffer
  Cycle next_ = 0;   ///< the cycle after the last word
  Cycle there_ = 0;
  bool waited_ = false;
  bool turned_ = true;
  std::uint64_t turn_tiles_ = 0;
  LinkUse link_;
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
