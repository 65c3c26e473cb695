// SPDX-License-Identifier: Apache-2.0
#include "energy/components/memory.hpp"

#include <algorithm>

#include "energy/components/widths.hpp"

namespace lnsim::energy {

void add_memory_read(Bill& bill, std::string_view part, const MemoryPlan& plan, std::uint64_t bits, double times) {
  if (plan.registers) {
    // The outputs of unselected words are gated: one path through the multiplexer tree switches.
    bill.add(part, Primitive::kMux, static_cast<double>(bits), times * ceil_log2(plan.depth),
             {1, 0, "levels of the read multiplexer"});
    return;
  }
  bill.add_extent(part, Primitive::kSramRead, static_cast<double>(plan.macro_bits),
                  static_cast<double>(plan.macro_bytes), times * static_cast<double>(plan.macros_touched(bits)),
                  {1, 0, "macros touched; padding paid"});
}

void add_memory_write(Bill& bill, std::string_view part, const MemoryPlan& plan, std::uint64_t bits, double times) {
  if (plan.registers) {
    bill.add(part, Primitive::kRegister, static_cast<double>(bits), times, {1, 0, "clock of other words gated"});
    bill.add(part, Primitive::kDecoder, static_cast<double>(plan.depth), times, {1, 0, "write select"});
    return;
  }
  bill.add_extent(part, Primitive::kSramWrite, static_cast<double>(plan.macro_bits),
                  static_cast<double>(plan.macro_bytes), times * static_cast<double>(plan.macros_touched(bits)),
                  {1, 0, "macros touched; padding paid"});
}

void add_memory_hardware(Bill& bill, std::string_view part, const MemoryPlan& plan, double copies) {
  if (plan.registers) {
    const auto depth = static_cast<double>(plan.depth);
    bill.add_hardware(part, Primitive::kRegister, static_cast<double>(plan.word_bits), depth * copies);
    bill.add_hardware(part, Primitive::kMux, static_cast<double>(plan.word_bits), (depth - 1) * copies);
    bill.add_hardware(part, Primitive::kDecoder, depth, copies);
    return;
  }
  bill.add_hardware(part, Primitive::kSramRead, static_cast<double>(plan.macro_bits),
                    static_cast<double>(plan.banks * plan.across) * copies, static_cast<double>(plan.macro_bytes));
}

MemoryPlan plan_register_file(std::uint64_t words, std::uint64_t word_bits) {
  MemoryPlan plan;
  plan.registers = true;
  plan.word_bits = word_bits;
  plan.macro_bits = word_bits;
  plan.depth = std::max<std::uint64_t>(words, 1);
  plan.macro_bytes = (plan.depth * word_bits + 7) / 8;
  return plan;
}

}  // namespace lnsim::energy
