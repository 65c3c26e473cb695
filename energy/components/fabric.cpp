// SPDX-License-Identifier: Apache-2.0
#include "energy/components/components.hpp"
#include "energy/components/memory.hpp"

namespace lnsim::energy {
namespace {

constexpr double kRandomToggle = 0.5;  // transitions per bit of random data and cycle
constexpr double kAddressBits = 40;    // of DRAM addresses
constexpr double kLoopCounters = 16;   // loop and address counters that a tile step advances (assumed)
constexpr double kCounterBits = 32;

}  // namespace

Bill bill_dram(Action action, const Machine& machine) {
  const bool read = action == Action::kDramReadBursts;
  Bill bill;
  bill.add_extent("access", read ? Primitive::kDramRead : Primitive::kDramWrite,
                  static_cast<double>(machine.accelerator.dram.burst_bytes * 8), static_cast<double>(machine.dram), 1);
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
  const auto bits = static_cast<double>(machine.accelerator.network.link_bytes * 8);
  const auto depth = static_cast<double>(machine.accelerator.queue_depth);
  Bill bill;
  bill.add("queue", Primitive::kRegister, bits, 1, {1, depth, "one word written; the link's queue"});
  bill.add("queue", Primitive::kMux, bits, 1, {1, depth - 1, "one word read"});
  bill.add_extent("link", Primitive::kWire, bits, machine.hop_mm, 1,
                  {kRandomToggle, 0, "half of the bits toggle; one side of a PE"});
  return bill;
}

Bill bill_transposer(const Machine& machine, unsigned bits) {
  const std::uint64_t vector = machine.accelerator.pe.vector_size;
  const MemoryPlan block = plan_register_file(vector, vector * bits);
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
