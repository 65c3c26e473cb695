// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "energy/components/components.hpp"
#include "energy/components/dot_product.hpp"
#include "energy/components/memory.hpp"

namespace lnsim::energy {
namespace {

constexpr double kBitsPerClockGate = 32;  // [bit] flip-flops behind one clock gate; assumed, 2026

/// Bits of the pipeline registers that the machine's depth asks for beyond those of the synthesised unit. A cut inside
/// a stage is taken to be as wide as the mean of the unit's own.
double deeper_register_bits(const UnitWidths& unit, const PeParams& pe) {
  const unsigned own = pipeline_cuts(unit);
  if (pe.datapath_cycles <= own) return 0.0;
  return pipeline_register_bits(unit) / own * static_cast<double>(pe.datapath_cycles - own);
}

/// A unit as the machine has it, without operand registers and storage of the accumulator.
Bill bill_unit(const UnitWidths& unit, const Machine& machine, double a_held) {
  const LogicPrices& logic = machine.technology.logic;
  Bill bill = bill_dot_product(unit, logic, {false, false, a_held});
  bill.add("registers_deeper_pipeline", Primitive::kRegister, deeper_register_bits(unit, machine.accelerator.pe), 1,
           {logic.factor(Factor::kPipelineRegisterActivity), 1,
            "datapath_cycles beyond the cuts of the synthesised unit; pipeline_register_activity"});
  return bill;
}

}  // namespace

Bill bill_lanes(const Machine& machine, const PassUnit& pass) {
  const UnitWidths unit = unit_widths(machine.scheme.dot_product, *pass.a, *pass.b, machine.accelerator.pe.vector_size);
  return bill_unit(unit, machine, static_cast<double>(machine.accelerator.pe.hold_rows));
}

Bill bill_gated_lanes(const Machine& machine, const PassUnit& pass) {
  const UnitWidths unit = unit_widths(machine.scheme.dot_product, *pass.a, *pass.b, machine.accelerator.pe.vector_size);
  const double bits = pipeline_register_bits(unit) + deeper_register_bits(unit, machine.accelerator.pe);
  Bill bill;
  bill.add("clock_gates", Primitive::kRegisterIdle, std::ceil(bits / kBitsPerClockGate), 1,
           {1, 0, "one clock gate per 32 flip-flops, priced as an idle flip-flop"});
  return bill;
}

Bill hardware_lanes(const Machine& machine) {
  const double lanes = static_cast<double>(machine.accelerator.pe.lanes * machine.accelerator.pes());
  Bill bill;
  bill.append(bill_unit(machine.unit, machine, 1), 0, lanes);
  return bill;
}

Bill bill_operand_register_a(std::uint64_t vector_bits) {
  const auto vector = static_cast<double>(vector_bits);
  Bill bill;
  bill.add("shadow_bank", Primitive::kRegister, vector, 1, {1, 2, "clock gated but for the load; two banks"});
  bill.add("bank_select", Primitive::kMux, vector);
  return bill;
}

Bill bill_operand_register_b(const Machine& machine, std::uint64_t vector_bits) {
  const auto vector = static_cast<double>(vector_bits);
  Bill bill;
  bill.add("row_register", Primitive::kRegister, vector);
  bill.add_extent("broadcast", Primitive::kWire, vector, machine.broadcast_mm, 1,
                  {kRandomToggle, 0, "half of the bits toggle; one side of the lane array"});
  return bill;
}

Bill hardware_operand_registers(const Machine& machine) {
  const auto pes = static_cast<double>(machine.accelerator.pes());
  Bill bill;
  bill.append(bill_operand_register_a(machine.vector_bits), 0, pes * static_cast<double>(machine.accelerator.pe.lanes));
  bill.append(bill_operand_register_b(machine, machine.vector_bits), 0, pes);
  return bill;
}

Bill bill_collector(Action action, const Machine& machine, const UnitWidths& unit) {
  // The outer accumulator of chunked sums moves once per chunk, where the inner one moves every group.
  const unsigned inner = unit.accumulator_bits;
  Bill bill;
  switch (action) {
    case Action::kCollectorAccumulates:
      add_memory_read(bill, "partial_sum", machine.collector, inner);
      add_memory_write(bill, "partial_sum", machine.collector, inner);
      add_memory_read(bill, "outer_sum", machine.collector, unit.outer_bits, unit.outer_per_group);
      add_memory_write(bill, "outer_sum", machine.collector, unit.outer_bits, unit.outer_per_group);
      break;
    case Action::kCollectorDrains: add_memory_read(bill, "partial_sum", machine.collector, unit.psum_bits()); break;
    default: add_memory_write(bill, "partial_sum", machine.collector, unit.psum_bits()); break;
  }
  return bill;
}

Bill hardware_collector(const Machine& machine) {
  Bill bill;
  add_memory_hardware(bill, "partial_sums", machine.collector,
                      static_cast<double>(machine.accelerator.pe.lanes * machine.accelerator.pes()));
  return bill;
}

}  // namespace lnsim::energy
