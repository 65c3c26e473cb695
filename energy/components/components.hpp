// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "energy/bill.hpp"
#include "energy/components/machine.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::energy {

inline constexpr double kRandomToggle = 0.5;  // [transitions/bit] random data, per cycle; definition

/// The components of the machine, in the order of the actions ("dram", "dma", ...), and last the clock tree, which has
/// no action of its own: each action's flip-flops pay for it.
[[nodiscard]] const std::vector<std::string_view>& components();
/// Index of the clock tree in components().
[[nodiscard]] std::size_t clock_tree_component();
/// Energy of the clock tree's buffers and wires for one count of an action, in fJ.
[[nodiscard]] double clock_tree_fj(const Bill& action, const Technology& technology);
/// Index in components() of the action's component.
[[nodiscard]] std::size_t component_of(Action action);

/// True if the machine has the hardware and the DRAM model for the action; otherwise its count is always 0.
[[nodiscard]] bool performs(const Accelerator& accelerator, Action action);

/// The bill of one count of an action in a pass; empty if the machine does not perform it. Throws InputError if the
/// technology has no price.
[[nodiscard]] Bill bill_action(Action action, const Machine& machine, const PassUnit& pass);

/// The hardware of a component, all copies: area and leakage.
[[nodiscard]] Bill bill_hardware(std::size_t component, const Machine& machine);

// One function per component; `pass` decides widths. Actions outside the component give an empty bill.
[[nodiscard]] Bill bill_dram(Action action, const Machine& machine);
[[nodiscard]] Bill bill_dma(const Machine& machine);
[[nodiscard]] Bill bill_global_buffer(Action action, const Machine& machine);
[[nodiscard]] Bill bill_network(const Machine& machine);
[[nodiscard]] Bill bill_transposer(const Machine& machine, std::uint64_t vector_bits);
[[nodiscard]] Bill bill_buffer(const MemoryPlan& buffer, bool write, std::uint64_t vector_bits);
[[nodiscard]] Bill bill_operand_register_a(std::uint64_t vector_bits);
[[nodiscard]] Bill bill_operand_register_b(const Machine& machine, std::uint64_t vector_bits);
[[nodiscard]] Bill bill_lanes(const Machine& machine, const PassUnit& pass);
[[nodiscard]] Bill bill_gated_lanes(const Machine& machine, const PassUnit& pass);
[[nodiscard]] Bill bill_collector(Action action, const Machine& machine, const UnitWidths& unit);
[[nodiscard]] Bill bill_ppu_output(const Machine& machine, const UnitWidths& unit, const numerics::Format& out);
[[nodiscard]] Bill bill_ppu_partial(const UnitWidths& unit);
[[nodiscard]] Bill bill_ppu_statistics(const Machine& machine);
[[nodiscard]] Bill bill_vector_unit(Action action, const Machine& machine, const PassUnit& pass);
[[nodiscard]] Bill bill_update_unit(Action action, const Machine& machine);
[[nodiscard]] Bill bill_controller();

[[nodiscard]] Bill hardware_lanes(const Machine& machine);
[[nodiscard]] Bill hardware_operand_registers(const Machine& machine);
[[nodiscard]] Bill hardware_collector(const Machine& machine);
[[nodiscard]] Bill hardware_ppu(const Machine& machine);

}  // namespace lnsim::energy
