// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include "sim/fast/cycle.hpp"
#include "sim/fast/state.hpp"

namespace lnsim::fast {

/// The transposer of one operand stream (docs/machine.md, X1 and X2).
class Transposer {
 public:
  /// rate: cycles per word.
  Transposer(Cycle rate, Cycle read_cycles) : rate_(rate), read_cycles_(read_cycles) {}

  [[nodiscard]] Cycle rate() const { return rate_; }
  /// First cycle in which the port can start a transposed unit: one of the two banks is free.
  [[nodiscard]] Cycle ready() const {
    const Cycle free = last_word_[0] + 1;
    return units_ >= 2 && free > read_cycles_ ? free - read_cycles_ : 0;
  }
  /// First cycle in which the port can start a direct unit: the last transposed word is on the link (X2).
  [[nodiscard]] Cycle direct_ready() const { return units_ == 0 ? 0 : last_word_[1] + 2; }
  /// A unit that the port starts in `start`; the cycle from which on it comes out.
  Cycle turn(Cycle start, std::uint64_t words, std::uint64_t vectors) {
    const Cycle in = start + read_cycles_ + (words - 1) * rate_;
    const Cycle out = std::max(in + 1, units_ == 0 ? 0 : last_word_[1] + rate_);
    last_word_ = {last_word_[1], out + (words - 1) * rate_};
    count(1, words, vectors);
    return out;
  }
  /// `units` more units of so many words and vectors in all, after which everything is `shift` later.
  void turn_equal(std::uint64_t units, std::uint64_t words, std::uint64_t vectors, Cycle shift) {
    last_word_ = {last_word_[0] + shift, last_word_[1] + shift};
    count(units, words, vectors);
  }
  /// When the last words of the last two units came out.
  [[nodiscard]] const std::array<Cycle, 2>& last_words() const { return last_word_; }
  [[nodiscard]] std::uint64_t units() const { return units_; }
  [[nodiscard]] std::uint64_t vectors() const { return vectors_; }
  [[nodiscard]] const Stalls<1>& stalls() const { return stalls_; }
  /// in_step: units pass it while a step's B chunks follow each other.
  void visit(StateVisitor& state, bool in_step) {
    if (units_ > 0) {
      for (Cycle& cycle : last_word_) state.stale(cycle, in_step);
    }
    state.same(std::min<std::uint64_t>(units_, 2));
    state.count(units_);
    state.total(vectors_);
    state.stalls(stalls_);
  }

 private:
  void count(std::uint64_t units, std::uint64_t words, std::uint64_t vectors) {
    units_ += units;
    vectors_ += vectors;
    stalls_.busy(words);
  }

  Cycle rate_, read_cycles_;
  std::array<Cycle, 2> last_word_{0, 0};
  std::uint64_t units_ = 0, vectors_ = 0;
  Stalls<1> stalls_;
};

}  // namespace lnsim::fast
