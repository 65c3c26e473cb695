// SPDX-License-Identifier: Apache-2.0
#include "energy/accounting.hpp"

namespace lnsim::energy {
namespace {

bool has_extent(Primitive primitive) {
  return primitive == Primitive::kSramRead || primitive == Primitive::kSramWrite || primitive == Primitive::kWire;
}

BillLine line_of(const BillItem& item, const Technology& technology) {
  const Price unit = price_of(item, technology);
  BillLine line;
  line.part = item.part;
  line.primitive = primitive_name(item.primitive);
  line.width = item.width;
  if (has_extent(item.primitive)) line.extent = item.extent;
  line.count = item.count;
  line.activity = item.activity;
  line.unit_energy_fj = unit.energy_fj;
  line.energy_fj = item.count * unit.energy_fj;
  line.source = source_of(item, technology);
  line.why = item.why;
  return line;
}

BillLine hardware_line(const BillItem& item, const Technology& technology) {
  const Price unit = price_of(item, technology);
  BillLine line = line_of(item, technology);
  line.count = item.instances;
  line.activity = 1;
  line.unit_energy_fj = 0;
  line.energy_fj = 0;
  line.area_um2 = item.instances * unit.area_um2;
  line.leakage_nw = item.instances * unit.leakage_nw;
  return line;
}

/// What the clock tree spends on the flip-flops of an action.
BillLine clock_line(const Bill& action, const Technology& technology) {
  BillLine line;
  line.part = "buffers_and_wires";
  line.primitive = "clock_tree";
  line.count = 1;
  line.unit_energy_fj = line.energy_fj = clock_tree_fj(action, technology);
  line.source = technology.clock_tree.source;
  line.why = "clock_tree x energy of the action's flip-flops";
  return line;
}

}  // namespace

std::vector<BillLine> explain(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology,
                              const Optimizers& optimizers, const PassFormats& formats, PassKind pass) {
  const Machine machine(accelerator, scheme, technology, optimizers.weights, optimizers.parameters);
  const PassUnit unit = machine.pass_unit(formats, pass);
  std::vector<BillLine> lines;
  std::vector<BillLine> clock;  // of each action
  const auto put = [&](BillLine line, std::string_view component, std::string_view action) {
    line.component = component;
    line.action = action;
    lines.push_back(std::move(line));
  };
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    const ActionInfo& info = action_table()[i];
    const Bill bill = bill_action(static_cast<Action>(i), machine, unit);
    for (const BillItem& item : bill.items) put(line_of(item, technology), info.component, info.action);
    clock.push_back(clock_line(bill, technology));
  }
  for (std::size_t i = 0; i < clock.size(); ++i) {
    if (clock[i].energy_fj == 0.0) continue;
    const ActionInfo& info = action_table()[i];
    put(clock[i], "clock_tree", std::string(info.component) + "." + std::string(info.action));
  }
  for (std::size_t c = 0; c < components().size(); ++c) {
    for (const BillItem& item : bill_hardware(c, machine).items) {
      if (item.instances > 0.0) put(hardware_line(item, technology), components()[c], "hardware");
    }
  }
  return lines;
}

}  // namespace lnsim::energy
