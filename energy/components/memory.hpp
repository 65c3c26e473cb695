// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "energy/bill.hpp"
#include "energy/sram.hpp"

namespace lnsim::energy {

/// One read / write of `bits` of a memory's word: the macros that it touches in full, or the register file.
void add_memory_read(Bill& bill, std::string_view part, const MemoryPlan& plan, std::uint64_t bits, double times = 1);
void add_memory_write(Bill& bill, std::string_view part, const MemoryPlan& plan, std::uint64_t bits, double times = 1);
/// The storage of `copies` such memories.
void add_memory_hardware(Bill& bill, std::string_view part, const MemoryPlan& plan, double copies);

/// A register file with a read and a write port, whatever its size (a read and a write in every cycle).
[[nodiscard]] MemoryPlan plan_register_file(std::uint64_t words, std::uint64_t word_bits);

}  // namespace lnsim::energy
