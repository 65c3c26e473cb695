// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/support/error.hpp"

namespace lnsim::systemc {

/// A block that can wait without being activated; channels and counters that it listens to wake it.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  void wake_if_asleep() {
    if (asleep_) {
      // One wake is enough: until the block runs, further news are seen with the first.
      wake();
    }
  }

 protected:
  virtual void wake() = 0;
  bool asleep_ = false;
};

/// A counter between two blocks, registered: what is added in cycle c is seen from cycle c + 1 on (docs/machine.md,
/// R1), whatever the order in which the blocks run within a cycle.
class Progress {
 public:
  void add(std::uint64_t now, std::uint64_t amount) {
    if (now != last_cycle_) {
      last_cycle_ = now;
      added_now_ = 0;
    }
    added_now_ += amount;
    total_ += amount;
    if (listener_ != nullptr) listener_->wake_if_asleep();
  }
  /// The block to wake when something is added.
  void set_listener(Sleeper* listener) { listener_ = listener; }
  [[nodiscard]] std::uint64_t seen(std::uint64_t now) const {
    return now == last_cycle_ ? total_ - added_now_ : total_;
  }
  /// For the block that adds, and after the run.
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::uint64_t total_ = 0;
  std::uint64_t added_now_ = 0;
  std::uint64_t last_cycle_ = ~std::uint64_t{0};
  Sleeper* listener_ = nullptr;
};

/// A bounded ready/valid channel with a latency (docs/machine.md, R1). One block pushes, one pops. Time stamps take the
/// place of staged values and a commit: a push carries the cycle from which it is visible, and pops of the current
/// cycle do not yet free their slots, so the result does not depend on the order in which blocks run within a cycle.
///
/// With data, each slot has room for `payload_bytes` that travel with the word.
template <class Word>
class Channel {
 public:
  Channel(std::uint64_t depth, std::uint64_t latency, std::size_t payload_bytes = 0)
      : capacity_(depth + latency - 1), latency_(latency), payload_bytes_(payload_bytes) {
    std::size_t slots = 1;
    while (slots < capacity_) slots *= 2;
    mask_ = slots - 1;
    slots_.resize(slots);
    payload_.resize(slots * payload_bytes);
  }

  [[nodiscard]] bool ready(std::uint64_t now) const { return pushed_ - popped_.seen(now) < capacity_; }
  [[nodiscard]] bool valid(std::uint64_t now) const {
    return popped_.total() < pushed_ && slots_[popped_.total() & mask_].visible <= now;
  }
  void push(std::uint64_t now, const Word& word) { push_later(now, word, 0); }
  /// The same, visible `extra` cycles later; order is kept.
  void push_later(std::uint64_t now, const Word& word, std::uint64_t extra) {
    LNSIM_CHECK(pushed_ - popped_.total() < capacity_, "a word is pushed into a full channel");
    last_visible_ = std::max(last_visible_, now + latency_ + extra);
    slots_[pushed_ & mask_] = {word, last_visible_};
    ++pushed_;
    if (consumer_ != nullptr) consumer_->wake_if_asleep();
  }
  /// Blocks to wake when a word is pushed or popped. A sleeping consumer must keep running until a word that is still
  /// on its way has become visible.
  void set_consumer(Sleeper* consumer) { consumer_ = consumer; }
  void set_producer(Sleeper* producer) { popped_.set_listener(producer); }
  [[nodiscard]] const Word& front() const { return slots_[popped_.total() & mask_].word; }
  void pop(std::uint64_t now) { popped_.add(now, 1); }
  [[nodiscard]] bool empty() const { return pushed_ == popped_.total(); }

  /// Bytes of the next word to be pushed / of the front word.
  [[nodiscard]] std::byte* back_payload() { return payload_.data() + (pushed_ & mask_) * payload_bytes_; }
  [[nodiscard]] std::byte* front_payload() { return payload_.data() + (popped_.total() & mask_) * payload_bytes_; }

 private:
  struct Slot {
    Word word{};
    std::uint64_t visible = 0;
  };
  std::uint64_t capacity_;
  std::uint64_t latency_;
  std::size_t payload_bytes_;
  std::size_t mask_ = 0;
  std::uint64_t pushed_ = 0;
  Progress popped_;
  std::uint64_t last_visible_ = 0;
  Sleeper* consumer_ = nullptr;
  std::vector<Slot> slots_;
  std::vector<std::byte> payload_;
};

}  // namespace lnsim::systemc
