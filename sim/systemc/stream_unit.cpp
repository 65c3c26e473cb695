// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/stream_unit.hpp"

namespace lnsim::systemc {

StreamUnit::StreamUnit(const sc_core::sc_module_name& name, Clock& clock, const SweepSchedule& schedule,
                       GlobalBufferState& buffer, std::uint64_t pipeline_cycles, std::string report_name)
    : Block(name, clock),
      schedule_(schedule),
      buffer_(buffer),
      pipeline_cycles_(pipeline_cycles),
      report_name_(std::move(report_name)) {
  buffer_.filled[static_cast<std::size_t>(Region::kA)].set_listener(this);
}

void StreamUnit::tick() {
  while (!finishing_.empty() && finishing_.front() <= now()) {
    buffer_.drained.add(now(), 1);
    finishing_.pop_front();
  }
  if (beats_left_ == 0) {
    const unsigned causes = start_chunk();
    if (causes != 0) {
      stalls_.blocked(now(), causes);
      const Progress& filled = buffer_.filled[static_cast<std::size_t>(Region::kA)];
      if (finishing_.empty() && (causes & 1U << kOperands) != 0 && filled.seen(now()) == filled.total()) sleep();
      return;
    }
  }
  if (beats_left_ > 1 && finishing_.empty()) {
    // Nothing can interfere with the beats of a chunk: straight to its last one.
    stalls_.busy(now(), beats_left_ - 1);
    skip(beats_left_ - 1);
    beats_left_ = 1;
    return;
  }
  stalls_.busy(now());
  if (--beats_left_ == 0) end_chunk();
}

// V1; 0 if the chunk starts in this cycle.
unsigned StreamUnit::start_chunk() {
  if (chunk_ == schedule_.steps().size()) return 1U << kDrain;
  const SweepStep& step = schedule_.steps()[chunk_];
  unsigned causes = 0;
  if (buffer_.filled[static_cast<std::size_t>(Region::kA)].seen(now()) < step.filled_words) causes |= 1U << kOperands;
  RegionSpace& space = buffer_.space[static_cast<std::size_t>(Region::kOut)];
  if (step.writes && !space.can_claim(now(), claims_, step.out_bytes)) causes |= 1U << kSpace;
  if (causes != 0) return causes;
  if (step.writes) {
    space.claim(now(), step.out_bytes);
    ++claims_;
  }
  beats_left_ = step.beats;
  chunk_start_ = now();
  busy_behind_ = now() + step.beats;
  return 0;
}

// V2.
void StreamUnit::end_chunk() {
  const SweepStep& step = schedule_.steps()[chunk_];
  buffer_.space[static_cast<std::size_t>(Region::kA)].freed.add(now(), step.in_bytes);
  finishing_.push_back(now() + pipeline_cycles_ - 1);
  if (pipeline_cycles_ == 1) {
    buffer_.drained.add(now(), 1);
    finishing_.pop_back();
  }
  read_words_ += step.read_words;
  write_words_ += step.write_words;
  end_ = now() + 1;
  if (timeline_ != nullptr) {
    const bool vector = schedule_.unit() == SweepUnit::kVector;
    timeline_->add(
        {vector ? TimelineTrack::kVectorUnit : TimelineTrack::kUpdateUnit, 0, chunk_start_, now() + 1, chunk_});
  }
  ++chunk_;
}

void StreamUnit::add_signals(Waves& waves) {
  waves.add(report_name_, "busy", 1, [this](std::uint64_t cycle) { return cycle < busy_behind_; });
  waves.add(report_name_, "chunk", 32, [this](std::uint64_t) { return chunk_; });
}

void StreamUnit::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kGlobalBufferVectorReadWords] += read_words_;
  counts[Action::kGlobalBufferVectorWriteWords] += write_words_;
  counts += schedule_.operations();
  stalls_.report(stalls[report_name_], cycles, kDrain);
}

}  // namespace lnsim::systemc
