// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/freed_vectors.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

/// A PE's buffer of one operand as its writer sees it: units that have been sent, vectors that have been freed.
struct OperandBuffer {
  Ring<Cycle> arrivals;  ///< cycle in which the first word of each unit, sent and not yet used, is seen written
  FreedVectors freed;
  std::uint64_t sent = 0;   ///< vectors
  std::uint64_t reads = 0;  ///< vectors
};

/// Buffer A and the operand registers that it fills (docs/machine.md, A1 to A3).
class BufferA : public OperandBuffer {
 public:
  enum Cause : std::size_t { kEmpty, kHeld, kDone };

  /// Reads of the next K-group: first read, and the cycle after the last. Charges the gaps.
  void read(Cycle first, Cycle after_last, std::uint64_t cycles, bool waited_for_data) {
    stalls_.charge(waited_for_data ? kEmpty : kHeld, first - idle_from_);
    stalls_.charge(kEmpty, after_last - first - cycles);
    stalls_.busy(cycles);
    idle_from_ = after_last;
  }
  /// `groups` K-groups of vectors that have been there before, the last read whole in `after_last` - 1.
  void read_held(Cycle after_last, std::uint64_t groups, std::uint64_t cycles) {
    stalls_.charge(kHeld, after_last - idle_from_ - groups * cycles);
    stalls_.busy(groups * cycles);
    idle_from_ = after_last;
  }
  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }

 private:
  Cycle idle_from_ = 0;
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
