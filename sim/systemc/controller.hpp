// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "sim/systemc/block.hpp"
#include "sim/systemc/dma.hpp"
#include "sim/systemc/dram.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Starts a pass and ends it when its last DRAM write is done (docs/machine.md, section 8). Also the watchdog: a
/// machine that no longer moves is a defect and ends with a SimulationError, not with a hang.
class Controller final : public Block<Controller> {
 public:
  /// activity: a number that changes while anything moves. unit_end: the cycle in which a vector or update unit has
  /// finished, or kNotFinished (absent: there is no such unit). progress: called now and then with the cycle; may throw
  /// to interrupt the run.
  Controller(const sc_core::sc_module_name& name, Clock& clock, const Dma& dma, const Dram& dram, std::uint64_t steps,
             std::function<std::uint64_t()> activity, std::function<std::uint64_t()> unit_end,
             std::function<void(std::uint64_t)> progress);
  static constexpr std::uint64_t kNotFinished = ~std::uint64_t{0};

  /// Cycles of the pass, once it has ended.
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kWait };
  friend class Block<Controller>;
  void tick();
  void watch();

  const Dma& dma_;
  const Dram& dram_;
  std::uint64_t steps_;
  std::function<std::uint64_t()> activity_;
  std::function<std::uint64_t()> unit_end_;
  std::function<void(std::uint64_t)> progress_;
  std::uint64_t last_activity_ = 0;
  std::uint64_t still_ = 0;
  std::uint64_t cycles_ = 0;
  Stalls<1> stalls_{{"wait"}};
};

}  // namespace lnsim::systemc
