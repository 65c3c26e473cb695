// SPDX-License-Identifier: Apache-2.0
#include "energy/components/machine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "energy/components/components.hpp"
#include "energy/components/dot_product.hpp"
#include "energy/components/memory.hpp"
#include "sim/arch/operand_pairs.hpp"
#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

constexpr std::uint64_t kFillAndRead = 2;      // [banks] of a buffer that fills while it is read; definition
constexpr std::uint64_t kStatisticsBits = 64;  // [bit] FP32 sum and square sum of a channel; definition

std::array<numerics::FormatPtr, 7> formats_of(const Scheme& scheme) {
  return {scheme.weight,       scheme.activation, scheme.gradient, scheme.weight_gradient,
          scheme.accumulation, scheme.vector,     scheme.update};
}

double square_side_mm(double area_um2) { return std::sqrt(area_um2 * 1e-6); }

}  // namespace

Machine::Machine(const Accelerator& a, const Scheme& s, const Technology& t, Optimizer o, Optimizer p)
    : accelerator(a), scheme(s), technology(t), optimizer(o), parameter_optimizer(p) {
  dram = technology.dram_index(accelerator.dram.type);
  choose_unit();
  plan_memories();
  measure_wires();
}

void Machine::choose_unit() {
  double largest = -1;
  for (const OperandPair& pair : operand_pairs(scheme)) {
    for (const numerics::FormatPtr& format : {pair.a, pair.b}) {
      vector_bits = std::max(vector_bits, vector_bits_of(*format, accelerator.pe.vector_size));
      const BlockWidths block = block_widths_of(*format);
      const std::uint64_t elements = accelerator.network.link_bytes * 8 / format->bits();
      link_scale_bits = std::max(link_scale_bits, block.scales(elements) * block.scale_bits);
    }
    const UnitWidths candidate = unit_widths(scheme.dot_product, *pair.a, *pair.b, accelerator.pe.vector_size);
    const Bill bill = bill_dot_product(candidate, technology.logic, {false, false, 1});
    const double area = price_of(bill, technology).area_um2;
    if (area <= largest) continue;
    largest = area;
    unit = candidate;
  }
  for (const numerics::FormatPtr& format :
       {scheme.weight, scheme.activation, scheme.gradient, scheme.weight_gradient}) {
    code_bits = std::max(code_bits, format->bits());
  }
}

void Machine::plan_memories() {
  const PeParams& pe = accelerator.pe;
  buffer_a = plan_memory(pe.buffer_a_bytes, vector_bits, kFillAndRead);
  buffer_b = plan_memory(pe.buffer_b_bytes, vector_bits, kFillAndRead);
  collector = plan_register_file(2 * pe.hold_rows, unit.psum_bits());
  const GlobalBufferParams& global = accelerator.global_buffer;
  global_buffer = plan_memory(global.bytes, global.word_bytes * 8, global.banks);
  if (pe.statistics_channels > 0) {
    const std::uint64_t bytes = pe.statistics_channels * kStatisticsBits / 8;
    statistics = plan_memory(bytes, kStatisticsBits * pe.ppu_width, kFillAndRead);
  }
}

void Machine::measure_wires() {
  const auto pes = static_cast<double>(accelerator.pes());
  const double lanes = price_of(hardware_lanes(*this), technology).area_um2 / pes;
  broadcast_mm = square_side_mm(lanes);
  Bill buffers;
  add_memory_hardware(buffers, "buffers", buffer_a, 1);
  add_memory_hardware(buffers, "buffers", buffer_b, 1);
  const double rest = price_of(hardware_operand_registers(*this), technology).area_um2 +
                      price_of(hardware_collector(*this), technology).area_um2 +
                      price_of(hardware_ppu(*this), technology).area_um2;
  hop_mm = square_side_mm(lanes + rest / pes + price_of(buffers, technology).area_um2);
  Bill global;
  add_memory_hardware(global, "banks", global_buffer, 1);
  global_wire_mm = 0.5 * square_side_mm(price_of(global, technology).area_um2);
}

PassUnit Machine::pass_unit(const PassFormats& formats, PassKind pass) const {
  const auto find = [&](const std::string& name, const numerics::FormatPtr& otherwise) {
    if (name.empty()) return otherwise;
    for (const numerics::FormatPtr& format : formats_of(scheme)) {
      if (format && format->name() == name) return format;
    }
    if (numerics::FormatPtr format = numerics::find_format(name)) return format;
    throw InputError("trace", "formats", "\"" + name + "\"", "a format of scheme " + scheme.name);
  };
  PassUnit result{find(formats.a, scheme.weight), find(formats.b, scheme.activation),
                  find(formats.out, scheme.activation), scheme.activation};
  if (pass == PassKind::kInputGrad || pass == PassKind::kInputGradA || pass == PassKind::kInputGradB) {
    result.code = scheme.gradient;
    result.stochastic = scheme.gradient_rounding == GradientRounding::kStochastic;
  } else if (pass != PassKind::kForward) {
    // Second copies of block-scaled operands are what such a pass encodes.
    result.code = scheme.block_scaled() ? scheme.gradient : scheme.weight_gradient;
  }
  return result;
}

}  // namespace lnsim::energy
