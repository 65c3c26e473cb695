// SPDX-License-Identifier: Apache-2.0
#include "energy/components/components.hpp"
#include "energy/components/memory.hpp"

namespace lnsim::energy {
namespace {

constexpr double kAddressBits = 40;   // [bit] DRAM addresses of up to 1 TiB; assumed, 2026
constexpr double kLoopCounters = 16;  // [counters] that a tile step advances, loops and addresses; assumed, 2026
constexpr double kCounterBits = 32;   // [bit] of a loop counter; assumed, 2026

}  // namespace

Bill bill_dram(Action action, const Machine& machine) {
  const DramParams& dram = machine.accelerator.dram;
  const auto burst_bits = static_cast<double>(dram.burst_bytes * 8);
  const auto memory = static_cast<double>(machine.dram);
  const bool banked = dram.model == DramModel::kBanked;
  Bill bill;
  if (!banked) {
    if (action == Action::kDramReadBursts) bill.add_extent("access", Primitive::kDramRead, burst_bits, memory, 1);
    if (action == Action::kDramWriteBursts) bill.add_extent("access", Primitive::kDramWrite, burst_bits, memory, 1);
    return bill;
  }
  if (!machine.technology.dram[machine.dram].banked) return bill;
  switch (action) {
    case Action::kDramReadBursts: bill.add_extent("column", Primitive::kDramColumnRead, burst_bits, memory, 1); break;
    case Action::kDramWriteBursts: bill.add_extent("column", Primitive::kDramColumnWrite, burst_bits, memory, 1); break;
    case Action::kDramActivates:
      bill.add_extent("row", Primitive::kDramActivate, static_cast<double>(dram.banked->row_bytes * 8), memory, 1);
      break;
    case Action::kDramRefreshes: bill.add_extent("refresh", Primitive::kDramRefresh, 1, memory, 1); break;
    default:
      bill.add_extent("background", Primitive::kDramBackground,
                      static_cast<double>(dram.banked->tck_ps) / static_cast<double>(dram.banked->tck_divisor), memory,
                      1, {1, 1, "one clock cycle; the width is in picoseconds"});
  }
  return bill;
}

Bill bill_dma(const Machine& machine) {
  const auto bits = static_cast<double>(machine.accelerator.dram.burst_bytes * 8);
  Bill bill;
  bill.add("queue", Primitive::kRegister, bits, 1, {1, static_cast<double>(machine.accelerator.queue_depth), ""});
  bill.add("queue", Primitive::kMux, bits, 1, {1, static_cast<double>(machine.accelerator.queue_depth - 1), ""});
  bill.add("address", Primitive::kAdder, kAddressBits);
  bill.add("address", Primitive::kRegister, kAddressBits);
  return bill;
}

Bill bill_global_buffer(Action action, const Machine& machine) {
  const std::uint64_t bits = machine.accelerator.global_buffer.word_bytes * 8;
  const bool write = action == Action::kGlobalBufferFillWords || action == Action::kGlobalBufferDrainWords ||
                     action == Action::kGlobalBufferVectorWriteWords;
  Bill bill;
  if (write) {
    add_memory_write(bill, "banks", machine.global_buffer, bits);
  } else {
    add_memory_read(bill, "banks", machine.global_buffer, bits);
  }
  bill.add_extent("bank_to_port", Primitive::kWire, static_cast<double>(bits), machine.global_wire_mm, 1,
                  {kRandomToggle, 0, "half of the bits toggle; half a side of the buffer"});
  return bill;
}

Bill bill_network(const Machine& machine) {
  const auto bits = static_cast<double>(machine.accelerator.network.link_bytes * 8 + machine.link_scale_bits);
  const auto depth = static_cast<double>(machine.accelerator.queue_depth);
  Bill bill;
  bill.add("queue", Primitive::kRegister, bits, 1, {1, depth, "one word written; the link's queue"});
  bill.add("queue", Primitive::kMux, bits, 1, {1, depth - 1, "one word read"});
  bill.add_extent("link", Primitive::kWire, bits, machine.hop_mm, 1,
                  {kRandomToggle, 0, "half of the bits toggle; one side of a PE"});
  return bill;
}

Bill bill_transposer(const Machine& machine, std::uint64_t vector_bits) {
  const std::uint64_t vector = machine.accelerator.pe.vector_size;
  const MemoryPlan block = plan_register_file(vector, vector_bits);
  Bill bill;
  add_memory_write(bill, "block", block, block.word_bits);
  add_memory_read(bill, "block", block, block.word_bits);
  return bill;
}

Bill bill_buffer(const MemoryPlan& buffer, bool write, std::uint64_t vector_bits) {
  Bill bill;
  if (write) {
    add_memory_write(bill, "banks", buffer, vector_bits);
  } else {
    add_memory_read(bill, "banks", buffer, vector_bits);
  }
  return bill;
}

Bill bill_controller() {
  Bill bill;
  bill.add("counters", Primitive::kAdder, kCounterBits, kLoopCounters, {1, 1, "assumed: 16 counters of 32 bits"});
  bill.add("counters", Primitive::kRegister, kCounterBits, kLoopCounters, {1, 1, "assumed: 16 counters of 32 bits"});
  return bill;
}

}  // namespace lnsim::energy
