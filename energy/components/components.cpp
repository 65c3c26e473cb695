// SPDX-License-Identifier: Apache-2.0
#include "energy/components/components.hpp"

#include <algorithm>

#include "energy/components/codec.hpp"
#include "energy/components/memory.hpp"
#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

Bill bill_machine_action(Action action, const Machine& machine, const PassUnit& pass) {
  const std::uint64_t v = machine.accelerator.pe.vector_size;
  const auto unit = [&] { return unit_widths(machine.scheme.dot_product, *pass.a, *pass.b, v); };
  switch (action) {
    case Action::kTransposerAVectors: return bill_transposer(machine, vector_bits_of(*pass.a, v));
    case Action::kTransposerBVectors: return bill_transposer(machine, vector_bits_of(*pass.b, v));
    case Action::kBufferAWriteVectors: return bill_buffer(machine.buffer_a, true, vector_bits_of(*pass.a, v));
    case Action::kBufferAReadVectors: return bill_buffer(machine.buffer_a, false, vector_bits_of(*pass.a, v));
    case Action::kBufferBWriteVectors: return bill_buffer(machine.buffer_b, true, vector_bits_of(*pass.b, v));
    case Action::kBufferBReadVectors: return bill_buffer(machine.buffer_b, false, vector_bits_of(*pass.b, v));
    case Action::kOperandRegisterAVectors: return bill_operand_register_a(vector_bits_of(*pass.a, v));
    case Action::kOperandRegisterBVectors: return bill_operand_register_b(machine, vector_bits_of(*pass.b, v));
    case Action::kLanesVectorMacs: return bill_lanes(machine, pass);
    case Action::kLanesGatedVectorMacs: return bill_gated_lanes(machine, pass);
    case Action::kCollectorAccumulates:
    case Action::kCollectorDrains:
    case Action::kCollectorPreloads: return bill_collector(action, machine, unit());
    case Action::kPpuOutputs: {
      Bill bill = bill_ppu_output(machine, unit(), *pass.out);
      if (pass.stochastic) add_stochastic_rounding(bill);
      return bill;
    }
    case Action::kPpuPartials: return bill_ppu_partial(unit());
    case Action::kPpuStatistics: return bill_ppu_statistics(machine);
    default: return {};
  }
}

Bill bill_chip_action(Action action, const Machine& machine, const PassUnit& pass) {
  const std::string_view component = components()[component_of(action)];
  if (component == "dram") return bill_dram(action, machine);
  if (component == "dma") return bill_dma(machine);
  if (component == "global_buffer") return bill_global_buffer(action, machine);
  if (component == "network") return bill_network(machine);
  if (component == "vector_unit") return bill_vector_unit(action, machine, pass);
  if (component == "update_unit") return bill_update_unit(action, machine);
  if (component == "controller") return bill_controller();
  return bill_machine_action(action, machine, pass);
}

/// The widest pass of the machine: what the stream units and the transposers are built for.
PassUnit widest_pass(const Machine& machine) {
  PassUnit pass = machine.pass_unit({}, PassKind::kForward);
  for (const auto& format : {machine.scheme.gradient, machine.scheme.weight_gradient}) {
    if (format->bits() > pass.code->bits()) pass.code = format;
  }
  pass.stochastic = machine.scheme.gradient_rounding == GradientRounding::kStochastic;
  return pass;
}

/// One of each of the component's actions, in `copies`.
Bill hardware_of_actions(std::string_view component, const Machine& machine, double copies) {
  const PassUnit pass = widest_pass(machine);
  Bill bill;
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    const auto action = static_cast<Action>(i);
    if (action_table()[i].component != component) continue;
    // Weights and parameters share the optimizer's datapath unless they have different optimizers.
    if (action == Action::kUpdateParameters && machine.optimizer == machine.parameter_optimizer) continue;
    bill.append(bill_chip_action(action, machine, pass), 0, copies);
  }
  return bill;
}

Bill hardware_of_memory(const MemoryPlan& plan, double copies) {
  Bill bill;
  add_memory_hardware(bill, "banks", plan, copies);
  return bill;
}

Bill hardware_network(const Machine& machine) {
  constexpr double kStreams = 4;  // [streams] A, B, drain, preload; definition
  Bill bill;
  bill.append(bill_network(machine), 0, kStreams * static_cast<double>(machine.accelerator.pes()));
  return bill;
}

Bill hardware_transposers(const Machine& machine) {
  constexpr double kBlocks = 4;  // [blocks] A and B, each filled while it is read; definition
  const std::uint64_t v = machine.accelerator.pe.vector_size;
  return hardware_of_memory(plan_register_file(v, machine.vector_bits), kBlocks);
}

}  // namespace

const std::vector<std::string_view>& components() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const ActionInfo& info : action_table()) {
      if (list.empty() || list.back() != info.component) list.push_back(info.component);
    }
    list.push_back("clock_tree");
    return list;
  }();
  return names;
}

std::size_t clock_tree_component() { return components().size() - 1; }

double clock_tree_fj(const Bill& action, const Technology& technology) {
  return technology.clock_tree.value * register_energy_fj(action, technology);
}

std::size_t component_of(Action action) {
  static const auto indices = [] {
    std::array<std::size_t, static_cast<std::size_t>(Action::kCount)> list{};
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto& names = components();
      list[i] =
          static_cast<std::size_t>(std::find(names.begin(), names.end(), action_table()[i].component) - names.begin());
    }
    return list;
  }();
  return indices[static_cast<std::size_t>(action)];
}

bool performs(const Accelerator& accelerator, Action action) {
  switch (action) {
    case Action::kPpuStatistics: return accelerator.pe.statistics_channels > 0;
    case Action::kDramActivates:
    case Action::kDramRefreshes:
    case Action::kDramBackgroundCycles: return accelerator.dram.model == DramModel::kBanked;
    default: return true;
  }
}

Bill bill_action(Action action, const Machine& machine, const PassUnit& pass) {
  Bill bill = bill_chip_action(action, machine, pass);
  if (bill.items.empty() && performs(machine.accelerator, action)) {
    const ActionInfo& info = action_table()[static_cast<std::size_t>(action)];
    throw InputError("technology " + machine.technology.name,
                     std::string(info.component) + "/" + std::string(info.action), "no price", "a bill of primitives");
  }
  return bill;
}

Bill bill_hardware(std::size_t component, const Machine& machine) {
  const std::string_view name = components()[component];
  const Accelerator& accelerator = machine.accelerator;
  const auto pes = static_cast<double>(accelerator.pes());
  const auto vector_width = static_cast<double>(accelerator.vector_unit.width);
  const auto update_width = static_cast<double>(accelerator.update_unit.width);
  if (name == "global_buffer") return hardware_of_memory(machine.global_buffer, 1);
  if (name == "buffer_a") return hardware_of_memory(machine.buffer_a, pes);
  if (name == "buffer_b") return hardware_of_memory(machine.buffer_b, pes);
  if (name == "network") return hardware_network(machine);
  if (name == "transposer") return hardware_transposers(machine);
  if (name == "lanes") return hardware_lanes(machine);
  if (name == "operand_registers") return hardware_operand_registers(machine);
  if (name == "collector") return hardware_collector(machine);
  if (name == "ppu") return hardware_ppu(machine);
  if (name == "vector_unit") return hardware_of_actions(name, machine, vector_width);
  if (name == "update_unit") return hardware_of_actions(name, machine, update_width);
  if (name == "clock_tree") return {};  // its buffers' area and leakage are not in the data
  if (name == "dram") return {};        // its energy per bit is of a whole access; no area on the chip
  return hardware_of_actions(name, machine, 1);
}

}  // namespace lnsim::energy
