// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/stream_unit.hpp"

#include <algorithm>

namespace lnsim::fast {

StreamUnit::StreamUnit(const SweepSchedule& schedule, BufferState& buffer)
    : schedule_(schedule),
      buffer_(buffer),
      pipeline_cycles_(schedule.unit() == SweepUnit::kVector
                           ? schedule.config().accelerator.vector_unit.pipeline_cycles
                           : schedule.config().accelerator.update_unit.pipeline_cycles) {}

bool StreamUnit::advance() {
  if (done()) return false;
  FillCounter& filled = buffer_.filled_of(Region::kA);
  RegionSpace& out = buffer_.space_of(Region::kOut);
  const SweepStep& step = schedule_.steps()[chunk_];
  // V1.
  const Cycle operands = filled.seen(step.filled_words);
  if (operands == kUnknown) return false;
  const Cycle space = step.writes ? out.earliest_claim(claims_, step.out_bytes) : 0;
  if (space == kUnknown) return false;
  const Cycle start = std::max({next_, operands, space});
  stalls_.charge(operands >= space ? kOperands : kSpace, start - next_);
  stalls_.busy(step.beats);
  if (step.writes) {
    out.claim(start, step.out_bytes);
    ++claims_;
  }
  filled.retire(step.filled_words);
  if (timeline_ != nullptr) {
    const bool vector = schedule_.unit() == SweepUnit::kVector;
    timeline_->add(
        {vector ? TimelineTrack::kVectorUnit : TimelineTrack::kUpdateUnit, 0, start, start + step.beats, chunk_});
  }
  next_ = start + step.beats;
  // V2.
  const Cycle last = next_ - 1;
  buffer_.space_of(Region::kA).free(last, step.in_bytes);
  buffer_.drained.add(last + pipeline_cycles_ - 1);
  read_words_ += step.read_words;
  write_words_ += step.write_words;
  ++chunk_;
  return true;
}

void StreamUnit::report(RunResult& result) const {
  result.counts[Action::kGlobalBufferVectorReadWords] += read_words_;
  result.counts[Action::kGlobalBufferVectorWriteWords] += write_words_;
  result.counts += schedule_.operations();
  stalls_.report(result.stalls, schedule_.unit() == SweepUnit::kVector ? "vector_unit" : "update_unit",
                 {"operands", "space", "drain"}, result.cycles);
}

}  // namespace lnsim::fast
