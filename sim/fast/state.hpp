// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/fast/cycle.hpp"
#include "sim/fast/ring.hpp"
#include "sim/fast/stalls.hpp"

namespace lnsim::fast {

/// What a number of the machine's state is, and hence by how much it may differ between two states for the second to
/// behave like the first, a period of time and a stretch of the schedule later (docs/machine.md, section 10).
enum class StateKind : std::uint8_t {
  kTotal,    ///< decides nothing: what is reported
  kCount,    ///< decides nothing by itself: positions whose differences are given with kSame
  kSame,     ///< must not differ
  kTime,     ///< a time that is replaced whenever it is used: differs by the period, or not at all if it was not used
  kClock,    ///< such a time from which on a block is free: no block looks back beyond the earliest of those in use
  kStale,    ///< a time that is used without being replaced: as kTime, but if it does not differ, it must be long past
  kFilled,   ///< a time as kStale, or one before the time of the clock visited last, in both states
  kLoad,     ///< a time as kStale, which within a step nobody uses
  kPast,     ///< a time as kLoad, or one that is long past in both states
  kHistory,  ///< how the last unit or group went: the same whenever the state recurs
  kLead,     ///< tiles by which the preloads are ahead of a PE: must not differ while they go on
  kStep,     ///< step of the schedule
  kBlock,    ///< rows of A where the loop over blocks stands
  kChunk,    ///< rows of B where the loop over chunks stands
  kLanes,    ///< rows of the block where the loop over lane groups stands
};

[[nodiscard]] inline bool is_time(StateKind kind) {
  return kind == StateKind::kTime || kind == StateKind::kClock || kind == StateKind::kStale ||
         kind == StateKind::kFilled || kind == StateKind::kLoad || kind == StateKind::kPast;
}

[[nodiscard]] constexpr bool is_place(StateKind kind) {
  return kind == StateKind::kStep || kind == StateKind::kBlock || kind == StateKind::kChunk ||
         kind == StateKind::kLanes;
}

/// The numbers of a state, in a fixed order.
class Snapshot {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t value(std::size_t i) const { return values_[i]; }
  [[nodiscard]] StateKind kind(std::size_t i) const { return kinds_[i]; }
  /// The same kinds of numbers in the same order.
  [[nodiscard]] bool like(const Snapshot& other) const {
    return size_ == other.size_ &&
           std::equal(kinds_.begin(), kinds_.begin() + static_cast<std::ptrdiff_t>(size_), other.kinds_.begin());
  }
  void clear() {
    size_ = 0;
    clocks_.clear();
    places_.clear();
  }
  /// Positions of all kClock.
  [[nodiscard]] const std::vector<std::uint32_t>& clocks() const { return clocks_; }
  /// Positions of all that say where a loop stands: kStep, kBlock, kChunk, kLanes.
  [[nodiscard]] const std::vector<std::uint32_t>& places() const { return places_; }
  /// Becomes the numbers of another from `first` on.
  void copy(const Snapshot& other, std::size_t first = 0);
  [[gnu::always_inline]] void append(std::uint64_t value, StateKind kind) {
    if (size_ == values_.size()) [[unlikely]] {
      grow();
    }
    if (kind == StateKind::kClock) clocks_.push_back(static_cast<std::uint32_t>(size_));
    if (is_place(kind)) places_.push_back(static_cast<std::uint32_t>(size_));
    values_[size_] = value;
    kinds_[size_++] = kind;
  }

 private:
  void grow();

  std::vector<std::uint64_t> values_;
  std::vector<StateKind> kinds_;
  std::vector<std::uint32_t> clocks_, places_;
  std::size_t size_ = 0;
};

/// By how much every number of a state moves on when what led from one state to the other happens `times` times more.
/// period: between them. in_place: times and totals move on, places in lists do not.
[[nodiscard]] std::vector<std::uint64_t> moves(const Snapshot& from, const Snapshot& to, std::uint64_t times,
                                               Cycle period, bool in_place);

/// Walks over the state of the machine: writes it into a snapshot, or moves every number on.
class StateVisitor {
 public:
  explicit StateVisitor(Snapshot& into) : into_(&into) { into.clear(); }
  explicit StateVisitor(const std::vector<std::uint64_t>& moves) : moves_(moves.data()) {}
  /// Moves what begins like `from` to what began so came to, `shift` cycles later: times that differ become those of
  /// `to`, everything else moves on by its difference.
  static StateVisitor replay(const Snapshot& from, const Snapshot& to, Cycle shift) {
    StateVisitor visitor(from, to);
    visitor.replays_ = true;
    visitor.shift_ = shift;
    return visitor;
  }

  /// Brings every number back to what it was.
  static StateVisitor come_back(const Snapshot& to) { return {to, to}; }

  [[gnu::always_inline]] void total(std::uint64_t& x) { number(x, StateKind::kTotal); }
  [[gnu::always_inline]] void count(std::uint64_t& x) { number(x, StateKind::kCount); }
  [[gnu::always_inline]] void time(Cycle& x) { number(x, StateKind::kTime); }
  [[gnu::always_inline]] void clock(Cycle& x) { number(x, StateKind::kClock); }
  /// in_step: it is used while a step's B chunks follow each other.
  [[gnu::always_inline]] void stale(Cycle& x, bool in_step) {
    number(x, in_step ? StateKind::kStale : StateKind::kLoad);
  }
  [[gnu::always_inline]] void filled(Cycle& x) { number(x, StateKind::kFilled); }
  [[gnu::always_inline]] void load(Cycle& x) { number(x, StateKind::kLoad); }
  [[gnu::always_inline]] void past(Cycle& x) { number(x, StateKind::kPast); }
  /// Is not moved on.
  [[gnu::always_inline]] void lead(std::uint64_t x) { number(x, StateKind::kLead); }
  [[gnu::always_inline]] void step(std::size_t& x) { number(x, StateKind::kStep); }
  [[gnu::always_inline]] void block(std::uint64_t& x) { number(x, StateKind::kBlock); }
  [[gnu::always_inline]] void chunk(std::uint64_t& x) { number(x, StateKind::kChunk); }
  [[gnu::always_inline]] void lanes(std::uint64_t& x) { number(x, StateKind::kLanes); }
  /// Is not moved on.
  [[gnu::always_inline]] void history(std::uint64_t x) { number(x, StateKind::kHistory); }
  /// A number that is not moved on.
  [[gnu::always_inline]] void same(std::uint64_t x) { number(x, StateKind::kSame); }

  template <std::size_t kCauses>
  void stalls(Stalls<kCauses>& stalls) {
    stalls.visit([&](std::uint64_t& cycles) { total(cycles); });
  }
  /// visit(element) for each.
  template <class T, class Visit>
  void ring(Ring<T>& ring, const Visit& visit) {
    same(ring.size());
    for (std::size_t i = 0; i < ring.size(); ++i) visit(ring[i]);
  }
  template <class T>
  void times(Ring<T>& ring) {
    this->ring(ring, [&](Cycle& cycle) { time(cycle); });
  }
  /// Entry `newest` % size was written last but size, and so on: visited in order of age. `newest` itself is a count.
  template <class Array>
  void rotating(Array& entries, std::uint64_t& newest) {
    const std::size_t size = entries.size();
    same(std::min<std::uint64_t>(newest, size));
    Array ordered = entries;
    for (std::size_t i = 0; i < size; ++i) {
      ordered[i] = entries[(newest + i) % size];
      time(ordered[i]);
    }
    count(newest);
    for (std::size_t i = 0; i < size; ++i) entries[(newest + i) % size] = ordered[i];
  }

 private:
  // A state is written down far more often than it is moved.
  [[gnu::always_inline]] void number(std::uint64_t& x, StateKind kind) {
    if (into_ != nullptr) [[likely]] {
      into_->append(x, kind);
    } else if (moves_ != nullptr) {
      x += *moves_++;
    } else {
      become(x, kind);
    }
  }
  StateVisitor(const Snapshot& from, const Snapshot& to) : from_(&from), to_(&to) {}
  void become(std::uint64_t& x, StateKind kind);

  Snapshot* into_ = nullptr;
  const std::uint64_t* moves_ = nullptr;
  const Snapshot* from_ = nullptr;
  const Snapshot* to_ = nullptr;
  bool replays_ = false;  ///< else everything becomes what it is in `to`
  Cycle shift_ = 0;
  std::size_t at_ = 0;
};

}  // namespace lnsim::fast
