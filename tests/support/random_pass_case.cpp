// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_pass_case.hpp"

#include <algorithm>
#include <utility>

#include "sim/schedule/walks.hpp"
#include "sim/support/error.hpp"
#include "tests/support/plans.hpp"
#include "tests/support/random_parts.hpp"

namespace lnsim::test {
namespace {

// Rows issued and words moved: keep a clocked run below some 30 ms.
constexpr std::uint64_t kLeastEvents = 1000;
constexpr std::uint64_t kMostEvents = 60000;
constexpr std::uint64_t kMostCycles = 100000;  // of the DRAM
constexpr std::uint64_t kMostSteps = 150;

/// Numbers drawn for the pin before the layer is known; sizes become legal ones once it is.
struct PinDraws {
  bool side = false, order = false, m = false, n = false, k = false, banks = false, block = false;
  bool spill = false;  ///< k outside: sums leave for DRAM and come back
  std::uint64_t choice = 0, at_m = 0, at_n = 0, at_k = 0, at_a = 0, at_b = 0, at_block = 0;
};

PinDraws draw_pin(Choices& choices) {
  constexpr std::uint64_t kAny = 65535;
  PinDraws draws;
  draws.side = choices.flip(), draws.order = choices.flip();
  draws.m = choices.flip(), draws.n = choices.flip(), draws.k = choices.flip();
  draws.banks = chance(choices, 35), draws.block = choices.flip();
  draws.spill = chance(choices, 15);
  draws.choice = choices.between(0, 11);
  draws.at_m = choices.between(0, kAny), draws.at_n = choices.between(0, kAny), draws.at_k = choices.between(0, kAny);
  draws.at_a = choices.between(0, kAny), draws.at_b = choices.between(0, kAny);
  draws.at_block = choices.between(0, 5);
  return draws;
}

/// A sixth of the axis or more; `unit`: whole units of it.
std::uint64_t size_of_axis(std::uint64_t axis, std::uint64_t unit, std::uint64_t draw) {
  const std::uint64_t units = (axis + unit - 1) / unit;
  const std::uint64_t least = std::max<std::uint64_t>(1, units / 6);
  return std::min(axis, unit * (least + draw % (units - least + 1)));
}

MappingPin pin_of(const PinDraws& draws, const Gemm& gemm, const Accelerator& machine) {
  MappingPin pin;
  if (draws.side) pin.operand_a = draws.choice % 2 == 0 ? Side::kN : Side::kM;
  if (draws.order) {
    std::array<Dim, 3> order{Dim::kM, Dim::kN, Dim::kK};
    for (std::uint64_t i = 0; i < draws.choice % 6; ++i) std::next_permutation(order.begin(), order.end());
    pin.order = order;
  }
  if (draws.spill) {
    pin.order = std::array<Dim, 3>{Dim::kK, draws.order ? Dim::kM : Dim::kN, draws.order ? Dim::kN : Dim::kM};
    pin.k = size_of_axis((gemm.k + 1) / 2, machine.pe.vector_size, draws.at_k);
    pin.m = (gemm.m + 1) / 2;
    pin.n = (gemm.n + 2) / 3;
  }
  if (draws.m) pin.m = size_of_axis(gemm.m, 1, draws.at_m);
  if (draws.n) pin.n = size_of_axis(gemm.n, 1, draws.at_n);
  if (draws.k && !draws.spill) pin.k = size_of_axis(gemm.k, machine.pe.vector_size, draws.at_k);
  if (draws.block) pin.block = machine.pe.lanes * (1 + draws.at_block);
  if (draws.banks) {
    const std::uint64_t banks = machine.global_buffer.banks;
    BankSplit split;
    split.a = 1 + draws.at_a % (banks - 2);
    split.b = 1 + draws.at_b % (banks - split.a - 1);
    split.out = banks - split.a - split.b;
    pin.banks = split;
  }
  return pin;
}

/// The pin itself, then with less and less of it.
std::vector<MappingPin> ever_weaker(const MappingPin& pin) {
  std::vector<MappingPin> pins{pin};
  const auto weaker = [&](auto forget) {
    MappingPin next = pins.back();
    forget(next);
    pins.push_back(next);
  };
  weaker([](MappingPin& p) { p.banks.reset(); });
  weaker([](MappingPin& p) { p.block.reset(); });
  weaker([](MappingPin& p) { p.m.reset(), p.n.reset(); });
  weaker([](MappingPin& p) { p = {}; });
  return pins;
}

/// About as many events as the clocked machine has to move.
std::uint64_t events(const GemmSchedule& schedule) {
  std::uint64_t total = 0;
  for (AUnitWalk walk(schedule); !walk.done(); walk.next()) total += walk.unit().words + walk.unit().vectors;
  for (BUnitWalk walk(schedule); !walk.done(); walk.next()) total += walk.unit().words + walk.unit().vectors;
  for (DrainWalk walk(schedule); !walk.done(); walk.next()) {
    const std::uint64_t accumulate = schedule.config().accumulate_cycles();
    total += walk.tile().groups * std::max(walk.tile().rows, accumulate) +
             ceil_div(walk.tile().outputs(), schedule.config().accelerator.pe.ppu_width);
  }
  return total;
}

std::uint64_t dram_cycles(const std::vector<DmaJob>& jobs, const PassConfig& config) {
  std::uint64_t bursts = 0;
  for (const DmaJob& job : jobs) {
    bursts += job.bursts;
    for (const StoreChunk& chunk : job.chunks) bursts += chunk.bursts;
  }
  const DramParams& dram = config.accelerator.dram;
  return static_cast<std::uint64_t>(static_cast<double>(bursts * dram.burst_bytes) *
                                    static_cast<double>(config.clock_hz) /
                                    static_cast<double>(dram.bandwidth_bytes_per_second));
}

enum class Fit : std::uint8_t { kFits, kTooLong, kIllegal };

Fit fit(const PassPlan& plan, std::uint64_t most_events) {
  try {
    Fit result = Fit::kFits;
    if (!plan.pass.gemms.empty()) {
      const GemmSchedule schedule = schedule_gemms(plan);
      const bool fits = schedule.steps().size() <= kMostSteps &&
                        dram_cycles(schedule.jobs(), plan.config) <= kMostCycles && events(schedule) <= most_events;
      if (!fits) result = Fit::kTooLong;
    }
    if (!plan.sweeps.empty()) {
      const SweepSchedule schedule = schedule_sweeps(plan);
      if (dram_cycles(schedule.jobs(), plan.config) > kMostCycles || schedule.steps().size() > kMostSteps) {
        result = Fit::kTooLong;
      }
    }
    return result;
  } catch (const InputError&) {
    return Fit::kIllegal;
  }
}

void double_buffers(Accelerator& machine) {
  machine.global_buffer.bytes *= 2;
  machine.pe.buffer_a_bytes *= 2;
  machine.pe.buffer_b_bytes *= 2;
}

/// The case with the strongest pin that is legal, and how it fits. `insist`: only the banks of the pin may be
/// forgotten.
Fit with_pin(PassCase& made, const PinDraws& draws, std::uint64_t most_events, bool insist) {
  made.pin = {};
  const PassPlan plan = plan_of(made);
  if (plan.pass.gemms.empty()) return plan.sweeps.empty() ? Fit::kIllegal : fit(plan, most_events);
  std::vector<MappingPin> pins = ever_weaker(pin_of(draws, plan.pass.gemms.front(), made.accelerator));
  if (insist) pins.resize(2);
  for (const MappingPin& pin : pins) {
    made.pin = pin;
    if (const Fit result = fit(plan_of(made), most_events); result != Fit::kIllegal) return result;
  }
  return Fit::kIllegal;
}

}  // namespace

std::optional<PassCase> random_pass_case(Choices& choices) {
  PassCase made;
  made.scheme = scheme_names()[choices.between(0, scheme_names().size() - 1)];
  const std::uint64_t most_events = choices.between(kLeastEvents, kMostEvents);
  draw_machine(choices, made);
  made.accelerator = with_blocks(made.accelerator, made.scheme);
  const PinDraws pin = draw_pin(choices);
  draw_layer_pass(choices, made);
  try {
    for (int tries = 0, doublings = 0; tries < 40; ++tries) {
      const Fit result = with_pin(made, pin, most_events, pin.spill && doublings < 6);
      if (result == Fit::kFits) return made;
      if (result == Fit::kTooLong && !halve_layer(made)) return std::nullopt;
      if (result == Fit::kIllegal && ++doublings > 12) return std::nullopt;
      if (result == Fit::kIllegal) double_buffers(made.accelerator);
    }
  } catch (const InputError&) {
    // A layer without this pass, or a unit that does not exist.
  }
  return std::nullopt;
}

}  // namespace lnsim::test
