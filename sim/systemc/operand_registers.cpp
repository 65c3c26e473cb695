// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/operand_registers.hpp"

namespace lnsim::systemc {

OperandRegisters::OperandRegisters(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                                   std::deque<PeLinks>& pes, const BufferA& buffer_a, std::size_t vector_bytes,
                                   FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      buffer_a_(buffer_a),
      states_(pes.size()),
      bank_bytes_(schedule.config().accelerator.pe.lanes * vector_bytes),
      vector_bytes_(vector_bytes),
      faults_(faults),
      stalls_(pes.size(), Stalls<2>({"empty", "held"})) {
  for (PeState& state : states_) state.banks.resize(2 * bank_bytes_);
}

void OperandRegisters::tick() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    unsigned causes = 0;
    if (fill(i, causes)) {
      stalls_[i].busy(now());
    } else {
      stalls_[i].blocked(now(), causes);
    }
  }
}

// O2: group f enters once group f - 1 has moved to the active bank, that is once f - 1 was whole and f - 2 had issued
// its last row, both in earlier cycles.
bool OperandRegisters::fill(std::size_t index, unsigned& causes) {
  PeLinks& links = pes_[index];
  PeState& state = states_[index];
  const std::uint64_t group = links.groups_complete.total();
  if (links.groups_complete.seen(now()) < group || links.groups_issued.seen(now()) + 1 < group) causes |= 1U << kHeld;
  if (!links.lane_vectors.valid(now())) causes |= 1U << kEmpty;
  if (causes != 0) return false;
  const LaneWord word = links.lane_vectors.front();
  links.lane_vectors.pop(now());
  if (vector_bytes_ != 0 && state.lanes_filled == 0) state.position = buffer_a_.position(index, state.words_taken);
  ++state.words_taken;
  state.lanes_filled += word.vectors;
  loaded_vectors_ += word.vectors;
  if (word.last_of_group) {
    if (vector_bytes_ != 0) copy_group(index, group);
    state.lanes_filled = 0;
    links.groups_complete.add(now(), 1);
  }
  return true;
}

// The codes of all its words at once: cheaper than word by word, and nobody reads the bank before it is whole.
void OperandRegisters::copy_group(std::size_t index, std::uint64_t group) {
  PeState& state = states_[index];
  std::byte* to = state.banks.data() + group % 2 * bank_bytes_;
  buffer_a_.copy_group(index, state.position, state.lanes_filled, to);
  if (faults_ != nullptr) faults_->touch(FaultSite::kOperandRegisters, to, state.lanes_filled * vector_bytes_);
}

const std::byte* OperandRegisters::bank(std::size_t pe, std::uint64_t group) const {
  return states_[pe].banks.data() + group % 2 * bank_bytes_;
}

void OperandRegisters::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                              std::uint64_t cycles) {
  counts[Action::kOperandRegisterAVectors] += loaded_vectors_;
  for (Stalls<2>& pe : stalls_) pe.report(stalls["operand_registers"], cycles, kEmpty);
}

}  // namespace lnsim::systemc
