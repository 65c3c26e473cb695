// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/fast/buffer_a.hpp"

namespace lnsim::fast {

/// Buffer B: a row is read in the cycle in which the lanes issue it (docs/machine.md, L1 and L2).
class BufferB : public OperandBuffer {
 public:
  enum Cause : std::size_t { kEmpty, kHeld, kDone };

  /// Rows of a K-group: `gap` cycles before the first, `inside` between rows that were not written yet.
  void read(std::uint64_t gap, bool waited_for_data, std::uint64_t inside, std::uint64_t rows) {
    stalls_.charge(waited_for_data ? kEmpty : kHeld, gap);
    stalls_.charge(kEmpty, inside);
    stalls_.busy(rows);
  }
  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }

 private:
  Stalls<3> stalls_;
};

}  // namespace lnsim::fast
