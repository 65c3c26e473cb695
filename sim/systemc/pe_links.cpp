// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/pe_links.hpp"

namespace lnsim::systemc {
namespace {

std::uint64_t hop_latency(const GemmSchedule& schedule, std::uint64_t row, std::uint64_t column) {
  return schedule.config().accelerator.network.hop_cycles * (1 + row + column);
}

}  // namespace

PeLinks::PeLinks(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column,
                 std::size_t a_vector_bytes, std::size_t b_vector_bytes, std::size_t out_payload_bytes,
                 std::size_t preload_payload_bytes)
    : row(pe_row),
      column(pe_column),
      hops(1 + pe_row + pe_column),
      // One word per cycle enters and leaves, so no more than the latency is ever inside.
      arrive_a(2, hop_latency(schedule, pe_row, pe_column), a_vector_bytes),
      arrive_b(2, hop_latency(schedule, pe_row, pe_column), b_vector_bytes),
      lane_vectors(schedule.config().accelerator.queue_depth, 1),
      rows(schedule.config().accelerator.queue_depth, 1),
      tile_done(4, schedule.config().accelerator.pe.datapath_cycles + schedule.config().accumulate_cycles()),
      psums(schedule.config().accelerator.queue_depth, 1),
      outputs(schedule.config().accelerator.queue_depth, schedule.config().accelerator.pe.ppu_cycles,
              out_payload_bytes),
      arrive_preload(2, hop_latency(schedule, pe_row, pe_column), preload_payload_bytes) {}

}  // namespace lnsim::systemc
