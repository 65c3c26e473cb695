// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/pass_config.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// DRAM, bandwidth model: a data bus of rational bandwidth, served in order, and a fixed latency (docs/machine.md,
/// section 4). The remainder of the division bandwidth / clock is state, so no fraction of a burst is lost.
class Dram final : public Block<Dram> {
 public:
  Dram(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, Channel<TransferRequest>& requests,
       Channel<FillWord>& fills, Channel<WriteDone>& writes_done);

  /// Cycle in which the last write so far has left the bus.
  [[nodiscard]] std::uint64_t last_write_done() const { return last_write_done_; }
  [[nodiscard]] bool idle() const { return requests_.empty() && bursts_left_ == 0; }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  friend class Block<Dram>;
  void tick();
  bool next_transfer();
  void move_word();

  Channel<TransferRequest>& requests_;
  Channel<FillWord>& fills_;
  Channel<WriteDone>& writes_done_;
  std::uint64_t ticks_per_cycle_ = 1;  ///< G
  std::uint64_t ticks_per_burst_ = 1;  ///< C
  std::uint64_t latency_cycles_ = 0;
  std::uint32_t bursts_per_word_;
  /// The bus is free from this cycle on, so many ticks into it. Apart, since their sum in ticks may exceed 64 bits.
  std::uint64_t bus_cycle_ = 0;
  std::uint64_t bus_ticks_ = 0;
  TransferRequest transfer_;
  std::uint64_t bursts_left_ = 0;  ///< of the transfer
  std::uint64_t last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0;
  std::uint64_t write_bursts_ = 0;
  enum Cause : unsigned { kIdle };
  Stalls<1> stalls_{{"idle"}};
};

}  // namespace lnsim::systemc
