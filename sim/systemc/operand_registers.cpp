// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/operand_registers.hpp"

namespace lnsim::systemc {

OperandRegisters::OperandRegisters(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                                   std::deque<PeLinks>& pes, BufferA& buffer_a, std::size_t vector_bytes,
                                   FaultInjector* faults)
    : Block(name, clock),
      pes_(pes),
      buffer_a_(buffer_a),
      states_(pes.size()),
      bank_bytes_(schedule.config().accelerator.pe.lanes * vector_bytes),
      vector_bytes_(vector_bytes),
      faults_(faults) {
  for (PeState& state : states_) state.banks.resize(2 * bank_bytes_);
}

// A1: group g enters once g - 1 has moved to the active bank, that is once g - 1 was whole and g - 2 had issued its
// last row, both in earlier cycles.
void OperandRegisters::tick() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    PeLinks& links = pes_[i];
    const std::uint64_t group = links.groups_complete.total();
    const bool held = links.groups_complete.seen(now()) < group || links.groups_issued.seen(now()) + 1 < group;
    const BufferA::Read read = buffer_a_.read(i, now(), held);
    states_[i].lanes_filled += read.vectors;
    loaded_vectors_ += read.vectors;
    if (!read.last_of_group) continue;
    if (vector_bytes_ != 0) copy_group(i, group);
    states_[i].lanes_filled = 0;
    links.groups_complete.add(now(), 1);
  }
}

// The codes of all its words at once: cheaper than word by word, and nobody reads the bank before it is whole.
void OperandRegisters::copy_group(std::size_t index, std::uint64_t group) {
  std::byte* to = states_[index].banks.data() + group % 2 * bank_bytes_;
  buffer_a_.copy_group(index, to);
  if (faults_ != nullptr) faults_->touch(FaultSite::kOperandRegisters, to, states_[index].lanes_filled * vector_bytes_);
}

const std::byte* OperandRegisters::bank(std::size_t pe, std::uint64_t group) const {
  return states_[pe].banks.data() + group % 2 * bank_bytes_;
}

void OperandRegisters::report(Counts& counts) { counts[Action::kOperandRegisterAVectors] += loaded_vectors_; }

}  // namespace lnsim::systemc
