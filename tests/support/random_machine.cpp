// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>

#include "tests/support/banked_dram.hpp"
#include "tests/support/random_parts.hpp"

namespace lnsim::test {
namespace {

/// What is scarce in this case; kAny: whatever the draws bring.
enum class Focus : std::uint8_t {
  kAny,
  kFill,
  kOperandA,
  kOperandB,
  kCollector,
  kAccumulate,
  kDrain,
  kTransposer,
  kSpace,  ///< of the global buffer's regions
};

void draw_pe(Choices& choices, PeParams& pe, Focus focus) {
  pe.lanes = scaled(choices, 1, 16);
  pe.vector_size = scaled(choices, 1, 16);
  pe.hold_rows = scaled(choices, 1, 16);
  pe.a_port_vectors = choices.between(1, 4);
  // Schemes have 1 to 4 bytes per element; an odd rest must not matter.
  const std::uint64_t vector_bytes = pe.vector_size * choices.between(1, 4);
  pe.buffer_a_bytes = vector_bytes * pe.lanes * scaled(choices, 1, 64) + choices.between(0, 3);
  pe.buffer_b_bytes = vector_bytes * pe.hold_rows * scaled(choices, 1, 64) + choices.between(0, 3);
  pe.datapath_cycles = choices.between(1, 8);
  pe.accumulate_cycles_fixed = choices.between(1, 4);
  pe.accumulate_cycles_float = choices.between(1, 8);
  pe.ppu_width = scaled(choices, 1, 32);
  pe.ppu_cycles = choices.between(1, 12);
  pe.statistics_channels = chance(choices, 80) ? 4096 : choices.between(0, 16);
  switch (focus) {
    case Focus::kOperandA:
      pe.a_port_vectors = 1;
      pe.lanes = std::max<std::uint64_t>(pe.lanes, 4);
      pe.hold_rows = std::min<std::uint64_t>(pe.hold_rows, 2);
      break;
    case Focus::kOperandB:
      pe.lanes = std::min<std::uint64_t>(pe.lanes, 4);
      pe.a_port_vectors = 4;
      break;
    case Focus::kCollector: pe.ppu_width = std::min<std::uint64_t>(pe.ppu_width, 2); break;
    case Focus::kAccumulate:
      pe.accumulate_cycles_fixed += 4;
      pe.accumulate_cycles_float += 16;
      pe.hold_rows = std::min<std::uint64_t>(pe.hold_rows, 4);
      pe.ppu_width = std::max<std::uint64_t>(pe.ppu_width, 16);
      break;
    case Focus::kDrain: pe.ppu_cycles *= 32; break;
    default: break;
  }
}

void draw_array(Choices& choices, PeArrayParams& array) {
  const bool several = chance(choices, 65);
  const bool many = chance(choices, 8);
  const std::uint64_t most_rows = !several ? 1 : many ? 6 : 3;
  const std::uint64_t most_columns = !several ? 1 : many ? 6 : 4;
  // Always two draws, whatever the limits.
  array.rows = 1 + choices.between(0, 719) % most_rows;
  array.columns = 1 + choices.between(0, 719) % most_columns;
}

/// Bytes per core cycle and the clock, whole ratios and others.
void draw_memory(Choices& choices, PassCase& made, Focus focus) {
  constexpr std::array<std::uint64_t, 6> kClocks{400000000, 1000000000, 333333333, 266000000, 123456789, 777777777};
  made.clock_hz = kClocks[choices.between(0, kClocks.size() - 1)];
  DramParams& dram = made.accelerator.dram;
  dram.burst_bytes = choices.between(1, 16) * 4;
  const std::uint64_t sixteenths = scaled(choices, 4, 2048);  // of a byte per cycle
  const std::uint64_t offset = choices.between(0, 7);
  const bool whole = chance(choices, 30);
  const bool ample = focus >= Focus::kFill && focus <= Focus::kTransposer;
  const std::uint64_t per_cycle = ample ? std::max<std::uint64_t>(sixteenths, 512) : sixteenths;
  dram.bandwidth_bytes_per_second = made.clock_hz * per_cycle / 16 + offset * 1234567;
  if (whole) {  // 1 to 4 bursts per cycle, or a burst in 1 to 4 cycles
    const std::uint64_t ratio = 1 + offset % 4;
    dram.bandwidth_bytes_per_second = dram.burst_bytes * made.clock_hz * (offset >= 4 ? ratio : 1);
    if (offset < 4) made.clock_hz *= ratio;
  }
  const std::uint64_t latency = scaled(choices, 0, 1000);
  dram.latency_ns = static_cast<double>(focus == Focus::kFill ? 20 * latency + 3000 : latency) / 10.0;
  const bool banked = chance(choices, 30);
  const BankedDram memory = random_banked(choices, dram.burst_bytes, 3 + 12 * choices.between(0, 2));
  if (banked) use_banked(made.accelerator, memory);
}

void draw_buffer(Choices& choices, Accelerator& machine, Focus focus) {
  GlobalBufferParams& buffer = machine.global_buffer;
  buffer.word_bytes = machine.dram.burst_bytes * scaled(choices, 1, 8);
  buffer.banks = choices.between(3, 16);
  buffer.bytes = buffer.banks * scaled(choices, 400, 8000);
  // Far too small: doubled until a mapping fits.
  if (focus == Focus::kSpace) buffer.bytes = buffer.banks * ceil_div(1024, buffer.banks);
  buffer.read_cycles = choices.between(1, 6);
  machine.network.link_bytes = scaled(choices, 2, 128);
  machine.network.hop_cycles = choices.between(1, 4);
  machine.transposer.bytes_per_cycle = scaled(choices, 2, 128);
  const bool ample = focus == Focus::kOperandA || focus == Focus::kCollector || focus == Focus::kAccumulate;
  if (ample) {
    machine.network.link_bytes = std::max<std::uint64_t>(machine.network.link_bytes, 64);
    machine.transposer.bytes_per_cycle = 128;
    buffer.word_bytes = machine.dram.burst_bytes * 8;
  }
  if (focus == Focus::kTransposer) machine.transposer.bytes_per_cycle = ceil_div(machine.network.link_bytes, 8);
  if (focus == Focus::kDrain) machine.network.hop_cycles *= 8;
}

}  // namespace

std::uint64_t scaled(Choices& choices, std::uint64_t low, std::uint64_t high) {
  const std::uint64_t span = high - low;
  const std::uint64_t bits = choices.between(0, static_cast<std::uint64_t>(std::bit_width(span)));
  const std::uint64_t most = std::min(span, (std::uint64_t{1} << bits) - 1);
  // The upper half of what so many bits can hold, so that all sizes are alike.
  const std::uint64_t least = (std::uint64_t{1} << bits) / 2;
  return low + choices.between(std::min(least, most), most);
}

bool chance(Choices& choices, std::uint64_t percent) { return choices.between(0, 99) >= 100 - percent; }

void draw_machine(Choices& choices, PassCase& made) {
  // A third of all cases has no focus.
  const std::uint64_t drawn = choices.between(0, 11);
  const Focus focus = drawn < 4 ? Focus::kAny : static_cast<Focus>(drawn - 3);
  Accelerator& machine = made.accelerator;
  machine.name = "random";
  draw_pe(choices, machine.pe, focus);
  draw_array(choices, machine.pe_array);
  draw_memory(choices, made, focus);
  draw_buffer(choices, machine, focus);
  machine.vector_unit = {scaled(choices, 1, 64), choices.between(1, 20)};
  machine.update_unit = {scaled(choices, 1, 64), choices.between(1, 20)};
  machine.dma.request_cycles = choices.between(1, 12);
  machine.controller.start_cycles = choices.between(1, 30);
  machine.queue_depth = choices.between(2, 6);
  if (focus == Focus::kFill) machine.controller.start_cycles *= 32;
}

}  // namespace lnsim::test
