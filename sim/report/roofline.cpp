// SPDX-License-Identifier: Apache-2.0
#include "sim/report/roofline.hpp"

#include "sim/support/text.hpp"
#include "sim/support/wide.hpp"

namespace lnsim::report {
namespace {

std::optional<double> ratio(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

std::optional<double> Roofline::macs_per_dram_byte() const {
  return macs == 0 ? std::nullopt : ratio(macs, dram_bytes);
}
std::optional<double> Roofline::over_compute_bound() const { return ratio(cycles, compute_bound_cycles); }
std::optional<double> Roofline::over_traffic_bound() const { return ratio(cycles, traffic_bound_cycles); }
std::optional<double> Roofline::traffic_over_compulsory() const { return ratio(dram_bytes, compulsory_dram_bytes); }

Roofline roofline_of(const TraceEntry& entry, const Accelerator& accelerator, std::uint64_t clock_hz) {
  const PeParams& pe = accelerator.pe;
  const DramParams& dram = accelerator.dram;
  const std::uint64_t peak = accelerator.pes() * pe.lanes * pe.vector_size;
  Roofline roofline;
  roofline.cycles = entry.cycles;
  roofline.peak_macs_per_cycle = peak;
  roofline.peak_dram_bytes_per_cycle =
      static_cast<double>(dram.bandwidth_bytes_per_second) / static_cast<double>(clock_hz);
  roofline.macs = entry.macs;
  roofline.compute_bound_cycles = entry.macs / peak + (entry.macs % peak != 0 ? 1 : 0);
  roofline.dram_bytes = checked_mul(
      checked_add(entry.counts[Action::kDramReadBursts], entry.counts[Action::kDramWriteBursts]), dram.burst_bytes);
  roofline.compulsory_dram_bytes = entry.compulsory_dram_bytes;
  const Uint128 cost = static_cast<Uint128>(entry.compulsory_dram_bytes) * clock_hz;
  roofline.traffic_bound_cycles =
      static_cast<std::uint64_t>((cost + dram.bandwidth_bytes_per_second - 1) / dram.bandwidth_bytes_per_second);
  return roofline;
}

Roofline roofline_of(const Trace& trace) {
  Roofline sum;
  for (const TraceEntry& entry : trace.entries) {
    const Roofline one = roofline_of(entry, trace.accelerator, trace.clock_hz);
    sum.peak_macs_per_cycle = one.peak_macs_per_cycle;
    sum.peak_dram_bytes_per_cycle = one.peak_dram_bytes_per_cycle;
    const auto add = [&](std::uint64_t Roofline::*figure) {
      sum.*figure = checked_add(sum.*figure, checked_mul(one.*figure, entry.repeat));
    };
    for (const auto figure : {&Roofline::cycles, &Roofline::compute_bound_cycles, &Roofline::traffic_bound_cycles,
                              &Roofline::macs, &Roofline::dram_bytes, &Roofline::compulsory_dram_bytes}) {
      add(figure);
    }
  }
  return sum;
}

Json roofline_json(const Roofline& roofline) {
  return {{"macs_per_dram_byte", number(roofline.macs_per_dram_byte())},
          {"compute_bound_cycles", roofline.compute_bound_cycles},
          {"cycles_over_compute_bound", number(roofline.over_compute_bound())},
          {"traffic_bound_cycles", roofline.traffic_bound_cycles},
          {"cycles_over_traffic_bound", number(roofline.over_traffic_bound())},
          {"dram_bytes", roofline.dram_bytes},
          {"compulsory_dram_bytes", roofline.compulsory_dram_bytes},
          {"dram_bytes_over_compulsory", number(roofline.traffic_over_compulsory())}};
}

}  // namespace lnsim::report
