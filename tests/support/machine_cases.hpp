// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/support/error.hpp"
#include "sim/workload/layer_sizes.hpp"
#include "tests/support/choices.hpp"
#include "tests/support/plans.hpp"

namespace lnsim::test {

/// A small machine with tight buffers. Vectors of every shipped scheme fit.
inline Accelerator random_machine(Choices& choices) {
  Accelerator machine = default_machine();
  PeParams& pe = machine.pe;
  pe.lanes = choices.between(1, 6);
  pe.vector_size = choices.between(1, 8);
  pe.hold_rows = choices.between(1, 6);
  pe.a_port_vectors = choices.between(1, 3);
  pe.buffer_a_bytes = pe.vector_size * 4 * choices.between(pe.lanes, 12 * pe.lanes);
  pe.buffer_b_bytes = pe.vector_size * 4 * choices.between(pe.hold_rows, 12 * pe.hold_rows);
  pe.datapath_cycles = choices.between(1, 6);
  pe.accumulate_cycles_fixed = choices.between(1, 3);
  pe.accumulate_cycles_float = choices.between(1, 5);
  pe.ppu_width = choices.between(1, 9);
  pe.ppu_cycles = choices.between(1, 5);
  pe.statistics_channels = 0;
  machine.pe_array.rows = choices.between(1, 3);
  machine.pe_array.columns = choices.between(1, 3);
  machine.dram.burst_bytes = choices.between(1, 3) * 4;
  machine.global_buffer.word_bytes = machine.dram.burst_bytes * choices.between(1, 6);
  machine.global_buffer.banks = choices.between(3, 12);
  machine.global_buffer.bytes = machine.global_buffer.banks * choices.between(350, 3000);
  machine.global_buffer.read_cycles = choices.between(1, 4);
  machine.network.link_bytes = choices.between(1, 64);
  machine.network.hop_cycles = choices.between(1, 3);
  machine.transposer.bytes_per_cycle = choices.between(4, 64);
  machine.dma.request_cycles = choices.between(1, 6);
  machine.controller.start_cycles = choices.between(1, 9);
  machine.dram.bandwidth_bytes_per_second = choices.between(1, 200) * 400000000 / 7;
  machine.dram.latency_ns = static_cast<double>(choices.between(0, 60));
  machine.queue_depth = choices.between(2, 5);
  return machine;
}

inline Conv2d random_small_conv(Choices& choices) {
  Conv2d conv;
  conv.groups = choices.between(1, 2);
  conv.in_channels = conv.groups * choices.between(1, 9);
  conv.out_channels = conv.groups * choices.between(1, 9);
  conv.height = choices.between(1, 7);
  conv.width = choices.between(1, 7);
  conv.kernel = {choices.between(1, 3), choices.between(1, 3)};
  conv.stride = {choices.between(1, 3), choices.between(1, 3)};
  conv.dilation = {choices.between(1, 2), choices.between(1, 2)};
  // At least one output pixel.
  const auto pad = [&](std::uint64_t size, std::size_t axis) {
    const std::uint64_t reach = (conv.kernel[axis] - 1) * conv.dilation[axis] + 1;
    return reach > size ? (reach - size + 1) / 2 + choices.between(0, 1) : choices.between(0, 2);
  };
  conv.padding = {0, 0};
  conv.padding[0] = pad(conv.height, 0);
  conv.padding[1] = pad(conv.width, 1);
  return conv;
}

/// A pass of a small convolution, linear layer or matmul.
inline LayerPass random_small_pass(Choices& choices) {
  const std::uint64_t type = choices.between(0, 3);
  const std::uint64_t kind = choices.between(0, 2);
  const std::uint64_t batch = choices.between(1, 2);
  if (type == 0) {
    const Linear linear{choices.between(1, 60), choices.between(1, 40), choices.between(1, 20), false, ""};
    return kind == 0   ? linear_forward(linear, batch)
           : kind == 1 ? linear_input_grad(linear, batch)
                       : linear_weight_grad(linear, batch);
  }
  if (type == 1) {
    Matmul matmul;
    matmul.count = choices.between(1, 2);
    matmul.m = choices.between(1, 20);
    matmul.n = choices.between(1, 20);
    matmul.k = choices.between(1, 40);
    matmul.transpose_a = choices.flip();
    matmul.transpose_b = choices.flip();
    matmul.a_layout = choices.flip() ? MatmulLayout::kBatchInside : MatmulLayout::kBatchFirst;
    matmul.b_layout = choices.flip() ? MatmulLayout::kBatchInside : MatmulLayout::kBatchFirst;
    matmul.out_layout = choices.flip() ? MatmulLayout::kBatchInside : MatmulLayout::kBatchFirst;
    return kind == 0   ? matmul_forward(matmul, batch)
           : kind == 1 ? matmul_input_grad_a(matmul, batch)
                       : matmul_input_grad_b(matmul, batch);
  }
  const Conv2d conv = random_small_conv(choices);
  return kind == 0   ? conv_forward(conv, batch)
         : kind == 1 ? conv_input_grad(conv, batch)
                     : conv_weight_grad(conv, batch);
}

/// Pins any part of a mapping for the pass's first GEMM; what it pins need not be legal.
inline MappingPin random_pin(Choices& choices, const LayerPass& pass, const Accelerator& machine) {
  MappingPin pin;
  const Gemm& gemm = pass.gemms.front();
  if (choices.flip()) pin.operand_a = choices.flip() ? Side::kN : Side::kM;
  if (choices.flip()) {
    std::array<Dim, 3> order{Dim::kM, Dim::kN, Dim::kK};
    std::swap(order[0], order[choices.between(0, 2)]);
    std::swap(order[1], order[choices.between(1, 2)]);
    pin.order = order;
  }
  // Sizes that pin little are the frequent ones: whole axes are what the heuristic chooses anyway.
  if (choices.flip()) pin.m = choices.between(1, gemm.m);
  if (choices.flip()) pin.n = choices.between(1, gemm.n);
  const std::uint64_t v = machine.pe.vector_size;
  if (choices.flip()) pin.k = std::min(gemm.k, v * choices.between(1, (gemm.k + v - 1) / v));
  if (choices.flip()) pin.block = machine.pe.lanes * choices.between(1, 4);
  return pin;
}

inline std::string describe_case(const PassPlan& plan, const std::string& scheme) {
  std::ostringstream text;
  text << scheme << " " << plan.pass.type << " " << pass_name(plan.pass.kind) << "\n";
  for (const Gemm& gemm : plan.pass.gemms) {
    text << "gemm m " << gemm.m << " n " << gemm.n << " k " << gemm.k << " count " << gemm.count() << "\n";
  }
  try {
    const GemmSchedule schedule = schedule_gemms(plan);
    text << "mapping " << write_mapping(schedule.mapping(schedule.steps().front())).dump() << "\n";
  } catch (const InputError& error) {
    text << error.what() << "\n";
  }
  text << write_accelerator(plan.config.accelerator).dump();
  return text.str();
}

/// A pass on a machine under a scheme and a pin that is legal; nullopt where no mapping of it is.
struct MachineCase {
  std::string scheme;
  PassPlan plan;
};
inline std::optional<MachineCase> random_case(Choices& choices,
                                              const std::vector<std::string>& schemes = scheme_names()) {
  const std::string scheme = schemes[choices.between(0, schemes.size() - 1)];
  const Accelerator machine = with_blocks(random_machine(choices), scheme);
  LayerPass pass = random_small_pass(choices);
  pass.layer = "random";
  if (pass.gemms.empty()) return std::nullopt;
  MappingPin pin = random_pin(choices, pass, machine);
  for (const bool pinned : {true, false}) {
    MachineCase made{scheme, plan_of(pass, machine, scheme, pinned ? pin : MappingPin{})};
    try {
      (void)schedule_gemms(made.plan);
      return made;
    } catch (const InputError&) {
      // Too large for the machine with this pin: try what the heuristic finds without it.
    }
  }
  return std::nullopt;
}

}  // namespace lnsim::test
