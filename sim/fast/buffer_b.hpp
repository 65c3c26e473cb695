// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/buffer_a.hpp"

namespace lnsim::fast {

/// Buffer B: a row is read in the cycle in which the lanes issue it (docs/machine.md, L1 and L2).
class BufferB : public OperandBuffer {
 public:
  enum Cause : std::size_t { kEmpty, kHeld, kDone };

  /// K-groups of `rows` rows each: `gap` cycles before the first row, `inside` between rows that were not written yet.
  void read(std::uint64_t groups, std::uint64_t rows, std::uint64_t gap, bool waited_for_data, std::uint64_t inside) {
    stalls_.charge(waited_for_data ? kEmpty : kHeld, groups * gap);
    stalls_.charge(kEmpty, groups * inside);
    stalls_.busy(groups * rows);
  }
  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }
  void visit(StateVisitor& state) {
    OperandBuffer::visit(state, true);
    state.stalls(stalls_);
  }

 private:
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
