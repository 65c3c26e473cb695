// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/operand_port.hpp"

#include <algorithm>

namespace lnsim::systemc {

template <class Walk>
OperandPort<Walk>::OperandPort(const GemmSchedule& schedule, Region region, GlobalBufferState& state,
                               std::deque<PeLinks>& pes, Channel<OperandWord>& direct, Channel<OperandWord>& transposer,
                               DataPlane* data)
    : schedule_(schedule),
      walk_(schedule),
      region_(region),
      state_(state),
      pes_(pes),
      direct_(direct),
      transposer_(transposer),
      data_(data),
      read_cycles_(schedule.config().accelerator.global_buffer.read_cycles),
      transposed_word_cycles_(schedule.transposed_word_cycles()),
      sent_(pes.size(), 0) {
  const PassConfig& config = schedule.config();
  vectors_per_word_ = schedule.link_bytes() / config.vector_bytes(operand_a() ? config.a_bits : config.b_bits);
  capacity_ = operand_a() ? config.buffer_a_vectors() : config.buffer_b_vectors();
  look_at_unit();
}

// What the next unit needs, and where it goes.
template <class Walk>
void OperandPort<Walk>::look_at_unit() {
  if (walk_.done()) return;
  const Unit& unit = walk_.unit();
  const Step& step = *unit.step;
  const LoadPlan& plan = operand_a() ? *step.a : *step.b;
  need_ = (operand_a() ? step.a_word_base : step.b_word_base) + plan.need(unit.row, unit.row + unit.vectors);
  targets_.clear();
  const StepShape shape = schedule_.shape(step);
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    const PeLinks& pe = pes_[i];
    const bool works = operand_a() ? pe.row == unit.target && shape.b_rows(step, pe.column) > 0
                                   : pe.column == unit.target && shape.a_rows(step, pe.row) > unit.block * shape.block;
    if (works) targets_.push_back(i);
  }
}

template <class Walk>
void OperandPort<Walk>::tick(std::uint64_t now) {
  if (words_left_ == 0 && now >= next_word_) {
    const unsigned causes = walk_.done() ? 1U << kDone : blocked(now);
    if (causes != 0) {
      stalls_.blocked(now, causes);
      return;
    }
    start_unit(now);
  }
  stalls_.busy(now);
  if (words_left_ > 0 && now >= next_word_) send_word(now);
}

template <class Walk>
unsigned OperandPort<Walk>::blocked(std::uint64_t now) const {
  unsigned causes = 0;
  if (state_.filled[static_cast<std::size_t>(region_)].seen(now) < need_) causes |= 1U << kFill;  // G2
  if (!has_credit(now)) causes |= 1U << kCredit;
  const bool transposed = walk_.unit().transposed;
  const bool bank_free = transposed_ < 2 || now + read_cycles_ > out_end_[transposed_ % 2];  // X1
  const bool link_free = !after_transposed_ || now > last_on_link_;                          // X2
  if (transposed ? !bank_free : !link_free) causes |= 1U << kTransposer;
  return causes;
}

// G3.
template <class Walk>
bool OperandPort<Walk>::has_credit(std::uint64_t now) const {
  return std::all_of(targets_.begin(), targets_.end(), [&](std::size_t i) {
    return sent_[i] + walk_.unit().vectors - freed(pes_[i]).seen(now) <= capacity_;
  });
}

template <class Walk>
void OperandPort<Walk>::start_unit(std::uint64_t now) {
  const Unit& unit = walk_.unit();
  for (const std::size_t i : targets_) sent_[i] += unit.vectors;
  words_left_ = unit.words;
  word_ = 0;
  sent_vectors_ = 0;
  next_word_ = now;
  after_transposed_ = unit.transposed;
  if (!unit.transposed) return;
  // The port knows when the transposer will be free again: nothing ever holds up its words.
  const std::uint64_t in_last = now + read_cycles_ + (unit.words - 1) * transposed_word_cycles_;
  const std::uint64_t out = std::max(in_last + 1, out_next_);
  out_next_ = out + unit.words * transposed_word_cycles_;
  out_end_[transposed_ % 2] = out_next_ - transposed_word_cycles_;
  last_on_link_ = out_end_[transposed_ % 2] + 1;
  ++transposed_;
}

template <class Walk>
void OperandPort<Walk>::send_word(std::uint64_t now) {
  const Unit& unit = walk_.unit();
  Channel<OperandWord>& out = unit.transposed ? transposer_ : direct_;
  ++word_;
  ++words_;
  // Vectors whose last bit is in this word: whole vectors per word, or one vector over several words.
  const std::uint64_t upto =
      vectors_per_word_ == 0 ? word_ / (unit.words / unit.vectors) : std::min(unit.vectors, word_ * vectors_per_word_);
  const std::uint64_t vectors = upto - sent_vectors_;
  if (data_ != nullptr && vectors > 0) data_->gather(region_, unit, sent_vectors_, vectors, out.back_payload());
  sent_vectors_ = upto;
  out.push(now, {static_cast<std::uint32_t>(vectors), unit.step_index, static_cast<std::uint32_t>(unit.target),
                 static_cast<std::uint32_t>(unit.block)});
  next_word_ = now + (unit.transposed ? transposed_word_cycles_ : 1);
  if (--words_left_ == 0) end_unit(now);
}

// G4.
template <class Walk>
void OperandPort<Walk>::end_unit(std::uint64_t now) {
  const Unit& unit = walk_.unit();
  const Step& step = *unit.step;
  if (unit.last_of_tile && (operand_a() ? step.free_a : step.free_b)) {
    state_.space[static_cast<std::size_t>(region_)].freed.add(now, operand_a() ? step.a->bytes : step.b->bytes);
    if (data_ != nullptr) data_->release(region_);
  }
  walk_.next();
  if (walk_.done()) next_word_ = now + 1;  // nothing follows the pass's last word
  look_at_unit();
}

template <class Walk>
void OperandPort<Walk>::report(StallTable& stalls, std::uint64_t cycles) {
  stalls_.report(stalls[operand_a() ? "global_buffer_a" : "global_buffer_b"], cycles, kDone);
}

template class OperandPort<AUnitWalk>;
template class OperandPort<BUnitWalk>;

}  // namespace lnsim::systemc
