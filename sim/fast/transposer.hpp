// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sim/fast/cycle.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

/// The transposer of one operand stream (docs/machine.md, X1 and X2).
class Transposer {
 public:
  /// rate: cycles per word.
  Transposer(Cycle rate, Cycle read_cycles) : rate_(rate), read_cycles_(read_cycles) {}

  [[nodiscard]] Cycle rate() const { return rate_; }
  /// First cycle in which the port can start a transposed unit: one of the two banks is free.
  [[nodiscard]] Cycle ready() const {
    const Cycle free = bank_free_[units_ % 2];
    return free > read_cycles_ ? free - read_cycles_ : 0;
  }
  /// First cycle in which the port can start a direct unit: the last transposed word is on the link (X2).
  [[nodiscard]] Cycle direct_ready() const { return units_ == 0 ? 0 : out_from_ + 2 - rate_; }
  /// A unit that the port starts in `start`; the cycle from which on it comes out.
  Cycle turn(Cycle start, std::uint64_t words, std::uint64_t vectors) {
    const Cycle in = start + read_cycles_ + (words - 1) * rate_;
    const Cycle out = std::max(in + 1, out_from_);
    out_from_ = out + words * rate_;
    bank_free_[units_ % 2] = out + (words - 1) * rate_ + 1;
    ++units_;
    vectors_ += vectors;
    stalls_.busy(words);
    return out;
  }
  [[nodiscard]] std::uint64_t vectors() const { return vectors_; }
  [[nodiscard]] const Stalls<1>& stalls() const { return stalls_; }

 private:
  Cycle rate_, read_cycles_;
  Cycle out_from_ = 0;           ///< the unit before is out
  Cycle bank_free_[2] = {0, 0};  ///< the cycle after the last word of the unit two before is out
  std::uint64_t units_ = 0, vectors_ = 0;
  Stalls<1> stalls_;
};

}  // namespace lnsim::fast
