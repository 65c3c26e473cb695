// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

namespace lnsim {

/// What a timeline shows of one unit of the machine.
enum class TimelineTrack : std::uint8_t {
  kDramRead,    ///< a transfer on the data bus of a channel: from the first of its bursts to the end of the last
  kDramWrite,   ///< as kDramRead
  kLanes,       ///< a tile in the lanes of a PE: from the first row that is issued to the last
  kCollector,   ///< a tile that drains from the collector of a PE
  kVectorUnit,  ///< a chunk of a sweep: its beats
  kUpdateUnit,
};

/// Cycles [begin, end) of a run. `unit` is the PE (row-major) or the DRAM channel, `number` the tile of the PE, the
/// transfer or the chunk, from 0. The banked model rounds both ends up to core cycles.
struct TimelineEvent {
  TimelineTrack track = TimelineTrack::kLanes;
  std::uint64_t unit = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t number = 0;

  friend auto operator<=>(const TimelineEvent&, const TimelineEvent&) = default;
};

/// Ends a run that has more events than its timeline may hold.
class TimelineFull : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "more events than the timeline may hold"; }
};

/// Gathers the events of a run; both engines write the same.
class Timeline {
 public:
  explicit Timeline(std::size_t most) : most_(most) {}

  /// Throws TimelineFull where there are `most` already.
  void add(const TimelineEvent& event) {
    if (events_.size() == most_) throw TimelineFull();
    events_.push_back(event);
  }
  /// By track, unit and time.
  [[nodiscard]] std::vector<TimelineEvent> sorted() const;
  /// Moves what was added since there were `first` events by so many cycles: sweeps come after GEMMs.
  void shift(std::size_t first, std::uint64_t cycles);
  [[nodiscard]] std::size_t size() const { return events_.size(); }

 private:
  std::size_t most_;
  std::vector<TimelineEvent> events_;
};

}  // namespace lnsim
