// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/arch/pass_config.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"
#include "sim/trace/run_result.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::systemc {

/// What the DRAM is connected to.
struct DramLinks {
  Channel<TransferRequest>& requests;
  Channel<FillWord>& fills;
  Channel<WriteDone>& writes_done;
};

/// A timing model of the DRAM.
class DramTiming {
 public:
  virtual ~DramTiming() = default;
  /// One core cycle; false if nothing is left to do until the next request.
  virtual bool tick(std::uint64_t now) = 0;
  /// Everything that was requested is under way, and the end of the last write is known.
  [[nodiscard]] virtual bool idle() const = 0;
  [[nodiscard]] virtual std::uint64_t last_write_done() const = 0;
  virtual void report(Counts& counts, StallTable& stalls, std::uint64_t cycles) = 0;
  /// Every transfer from now on goes into the timeline.
  virtual void watch(Timeline& timeline) = 0;
  /// Whether data are on the bus in the cycle that was ticked last.
  [[nodiscard]] virtual bool on_bus(std::uint64_t cycle) const = 0;
};
[[nodiscard]] std::unique_ptr<DramTiming> make_bandwidth_dram(const PassConfig& config, const DramLinks& links);
[[nodiscard]] std::unique_ptr<DramTiming> make_banked_dram(const PassConfig& config, const DramLinks& links);

/// Slots of the channels of words and of finished writes that the model needs.
[[nodiscard]] std::uint64_t dram_fill_slots(const PassConfig& config);
[[nodiscard]] std::uint64_t dram_write_slots(const PassConfig& config);

}  // namespace lnsim::systemc
