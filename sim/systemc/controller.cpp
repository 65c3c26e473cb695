// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/controller.hpp"

#include <algorithm>

#include "sim/support/error.hpp"

namespace lnsim::systemc {
namespace {

constexpr std::uint64_t kTickCycles = 64;          // the end is found this late at most; its time is known exactly
constexpr std::uint64_t kWatchCycles = 1U << 16U;  // between two looks at the machine's activity
constexpr std::uint64_t kStillLooks = 64;          // looks without any movement: 4 M cycles, beyond any latency

}  // namespace

Controller::Controller(const sc_core::sc_module_name& name, Clock& clock, const Dma& dma, const Dram& dram,
                       std::uint64_t steps, std::function<std::uint64_t()> activity,
                       std::function<std::uint64_t()> unit_end, std::function<void(std::uint64_t)> progress)
    : Block(name, clock),
      dma_(dma),
      dram_(dram),
      steps_(steps),
      activity_(std::move(activity)),
      unit_end_(std::move(unit_end)),
      progress_(std::move(progress)) {}

void Controller::tick() {
  stalls_.blocked(now(), 1U << kWait);
  if (now() % kWatchCycles == 0) watch();
  // S2. The DMA is done only after its last request has been pushed, so an idle DRAM has served everything.
  const bool memory_done = dma_.done() && dram_.idle();
  const std::uint64_t unit_end = !memory_done ? kNotFinished : unit_end_ ? unit_end_() : 0;
  if (unit_end == kNotFinished) return skip(kTickCycles);
  const std::uint64_t end = std::max(dram_.last_write_done(), unit_end);
  if (end > now()) return skip(end - now());  // the last transfer is still on the bus
  cycles_ = end;
  clock().stop();
}

void Controller::watch() {
  if (progress_) progress_(now());
  const std::uint64_t activity = activity_();
  still_ = activity == last_activity_ ? still_ + 1 : 0;
  last_activity_ = activity;
  LNSIM_CHECK(still_ < kStillLooks, "the machine has not moved for " + std::to_string(kStillLooks * kWatchCycles) +
                                        " cycles (cycle " + std::to_string(now()) + "): " + dma_.state());
}

void Controller::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kControllerSteps] += steps_;
  stalls_.report(stalls["controller"], cycles, kWait);
}

}  // namespace lnsim::systemc
