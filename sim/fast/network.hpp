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
  OutputClaims(const GemmSchedule& schedule, BufferState& buffer) : schedule_(schedule), buffer_(buffer) {}
  bool advance();
  [[nodiscard]] bool done() const { return step_ == schedule_.steps().size(); }
  [[nodiscard]] std::size_t step() const { return step_; }
  void visit(StateVisitor& state) {
    state.step(step_);
    state.clock(next_);
    state.times(claimed);
  }
  /// Claims not used yet, in the order of the steps that make them.
  Ring<Cycle> claimed;

 private:
  const GemmSchedule& schedule_;
  BufferState& buffer_;
  std::size_t step_ = 0;
  Cycle next_ = 0;
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
  LinkUse link_;
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
