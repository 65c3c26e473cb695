// SPDX-License-Identifier: Apache-2.0
#include "energy/clock.hpp"

#include <algorithm>
#include <cmath>

#include "energy/components/delays.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::energy {
namespace {

constexpr double kFloatLoopStages = 3;  // [cycles] cuts of a synthesised accumulator; gate_level_45nm.json, 2026

/// Least period of stages (combinational delays, in order) merged into `groups` registers: the best partition of
/// neighbours. There are at most four stages.
double merged_period(const std::vector<double>& stages, std::size_t from, std::uint64_t groups) {
  if (from == stages.size()) return 0.0;
  if (groups <= 1) {
    double sum = 0;
    for (std::size_t i = from; i < stages.size(); ++i) sum += stages[i];
    return sum;
  }
  double best = INFINITY;
  double first = 0;
  for (std::size_t end = from; end < stages.size(); ++end) {
    first += stages[end];
    best = std::min(best, std::max(first, merged_period(stages, end + 1, groups - 1)));
  }
  return best;
}

/// Least period with at least as many registers as stages: the slowest stage gets the next cut.
double cut_period(const std::vector<double>& stages, std::uint64_t registers) {
  std::vector<double> parts(stages.size(), 1.0);
  const auto part_of = [&](std::size_t i) { return stages[i] / parts[i]; };
  const auto worst = [&] {
    std::size_t index = 0;
    for (std::size_t i = 1; i < stages.size(); ++i) {
      if (part_of(i) > part_of(index)) index = i;
    }
    return index;
  };
  constexpr std::uint64_t kMostCuts = 1000;  // [cuts] keeps absurd depths cheap; assumed, 2026
  for (std::uint64_t extra = std::min(registers - stages.size(), kMostCuts); extra > 0; --extra) parts[worst()] += 1.0;
  return part_of(worst());
}

double lanes_period(const UnitDelays& delays, std::uint64_t registers) {
  std::vector<double> stages;
  for (const double stage : {delays.multiply, delays.exponent_max, delays.tree, delays.convert}) {
    if (stage > 0.0) stages.push_back(stage - delays.register_ns);
  }
  if (stages.empty()) return delays.register_ns;
  const double logic = registers < stages.size() ? merged_period(stages, 0, registers) : cut_period(stages, registers);
  return logic + delays.register_ns;
}

void add_memory(std::vector<ClockBound>& bounds, const char* name, const MemoryPlan& plan, const SramTable& sram) {
  if (plan.registers || plan.macro_bytes == 0) return;
  bounds.push_back(
      {name, sram.at(static_cast<double>(plan.macro_bytes), static_cast<double>(plan.macro_bits)).cycle_ns});
}

}  // namespace

std::vector<ClockBound> clock_bounds(const Machine& machine) {
  const PeParams& pe = machine.accelerator.pe;
  const UnitDelays delays = unit_delays(machine.unit, machine.technology.logic);
  std::vector<ClockBound> bounds;
  bounds.push_back({"lanes of " + std::to_string(pe.datapath_cycles) + " stages",
                    lanes_period(delays, std::max<std::uint64_t>(pe.datapath_cycles, 1))});
  const bool floating = machine.unit.float_accumulator;
  const auto latency = static_cast<double>(floating ? pe.accumulate_cycles_float : pe.accumulate_cycles_fixed);
  const double loop = (delays.accumulate - delays.register_ns) * (floating ? kFloatLoopStages : 1.0);
  bounds.push_back({"accumulation in " + format_double(latency) + (latency == 1.0 ? " cycle" : " cycles"),
                    loop / std::max(latency, 1.0) + delays.register_ns});
  const SramTable& sram = machine.technology.sram;
  add_memory(bounds, "buffer_a", machine.buffer_a, sram);
  add_memory(bounds, "buffer_b", machine.buffer_b, sram);
  add_memory(bounds, "global_buffer", machine.global_buffer, sram);
  add_memory(bounds, "statistics memory of the ppu", machine.statistics, sram);
  return bounds;
}

const ClockBound& slowest(const std::vector<ClockBound>& bounds) {
  return *std::max_element(bounds.begin(), bounds.end(),
                           [](const ClockBound& a, const ClockBound& b) { return a.period_ns < b.period_ns; });
}

std::optional<double> fastest_clock_hz(const std::vector<ClockBound>& bounds) {
  const double period_ns = slowest(bounds).period_ns;
  if (period_ns <= 0.0) return std::nullopt;
  return 1e9 / period_ns;
}

void check_clock(double clock_hz, const std::vector<ClockBound>& bounds, const std::string& file,
                 const std::string& pointer) {
  const std::optional<double> fastest = fastest_clock_hz(bounds);
  if (!fastest || clock_hz <= *fastest) return;
  const auto mhz = [](double hz) { return format_double(std::floor(hz / 1e6)) + " MHz"; };
  throw InputError(file, pointer, format_double(clock_hz / 1e6) + " MHz",
                   "at most " + mhz(*fastest) + ", the fastest legal clock: " + slowest(bounds).what + " take " +
                       format_double(std::round(slowest(bounds).period_ns * 1000) / 1000) + " ns");
}

}  // namespace lnsim::energy
