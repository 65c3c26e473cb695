// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/systemc/block.hpp"
#include "sim/systemc/dram_timing.hpp"
#include "sim/systemc/waves.hpp"

namespace lnsim::systemc {

/// DRAM under the model that the accelerator chooses (docs/machine.md, sections 4 and 4b).
class Dram final : public Block<Dram> {
 public:
  Dram(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, const DramLinks& links)
      : Block(name, clock),
        timing_(config.accelerator.dram.model == DramModel::kBanked ? make_banked_dram(config, links)
                                                                    : make_bandwidth_dram(config, links)),
        requests_(links.requests) {
    links.requests.set_consumer(this);
  }

  /// Cycle in which the last write so far has left the bus.
  [[nodiscard]] std::uint64_t last_write_done() const { return timing_->last_write_done(); }
  [[nodiscard]] bool idle() const { return timing_->idle(); }
  void watch(Timeline& timeline) { timing_->watch(timeline); }
  void add_signals(Waves& waves) {
    waves.add("dram", "on_bus", 1, [this](std::uint64_t cycle) { return timing_->on_bus(cycle) ? 1U : 0U; });
    waves.add("dram", "request", 1, [this](std::uint64_t) { return requests_.empty() ? 0U : 1U; });
  }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles) { timing_->report(counts, stalls, cycles); }

 private:
  friend class Block<Dram>;
  void tick() {
    if (!timing_->tick(now())) sleep();
  }
  std::unique_ptr<DramTiming> timing_;
  const Channel<TransferRequest>& requests_;
};

}  // namespace lnsim::systemc
