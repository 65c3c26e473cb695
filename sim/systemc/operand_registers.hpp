// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/systemc/block.hpp"
#include "sim/systemc/buffer_a.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Operand registers of every PE: an active bank of lane vectors that the lanes read, and a shadow bank that the next
/// K-group fills meanwhile from buffer A (docs/machine.md, A1 and A2).
class OperandRegisters final : public Block<OperandRegisters> {
 public:
  OperandRegisters(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                   std::deque<PeLinks>& pes, BufferA& buffer_a, std::size_t vector_bytes, FaultInjector* faults);

  /// The bank of K-group `group` (counted over the pass) of PE i: lanes x vector_bytes. Only with data.
  [[nodiscard]] const std::byte* bank(std::size_t pe, std::uint64_t group) const;
  void report(Counts& counts);

 private:
  struct PeState {
    std::uint64_t lanes_filled = 0;
    std::vector<std::byte> banks;  ///< 2 x lanes x vector_bytes
  };

  friend class Block<OperandRegisters>;
  void tick();
  void copy_group(std::size_t pe, std::uint64_t group);

  std::deque<PeLinks>& pes_;
  BufferA& buffer_a_;
  std::vector<PeState> states_;
  std::size_t bank_bytes_;
  std::size_t vector_bytes_;
  FaultInjector* faults_;
  std::uint64_t loaded_vectors_ = 0;
};

}  // namespace lnsim::systemc
