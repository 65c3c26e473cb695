// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/event_runs.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

/// A PE's buffer of one operand as its port sees it.
struct OperandBuffer {
  Arrivals arrivals;
  FreedVectors freed;
  std::uint64_t sent = 0;   ///< vectors
  Cycle credit = 0;         ///< when the last unit that was sent had room (seen)
  Cycle room = 0;           ///< when the unit to be sent has
  std::uint64_t reads = 0;  ///< vectors

  void visit(StateVisitor& state, bool in_step) {
    arrivals.visit(state);
    freed.visit(state, sent, in_step);
    state.count(sent);
    state.time(credit);
    state.time(room);
    state.total(reads);
  }
};

/// Buffer A and the operand registers that it fills (docs/machine.md, A1 to A3).
class BufferA : public OperandBuffer {
 public:
  enum Cause : std::size_t { kEmpty, kHeld, kDone };

  /// K-groups of `reads` reads each: `gap` cycles before the first read, `inside` between reads.
  void read(std::uint64_t groups, std::uint64_t reads_each, std::uint64_t gap, bool waited_for_data,
            std::uint64_t inside) {
    stalls_.charge(waited_for_data ? kEmpty : kHeld, groups * gap);
    stalls_.charge(kEmpty, groups * inside);
    stalls_.busy(groups * reads_each);
  }
  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }
  void visit(StateVisitor& state) {
    OperandBuffer::visit(state, false);
    state.stalls(stalls_);
  }

 private:
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
