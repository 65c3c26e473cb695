// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/pe_links.hpp"

#include <algorithm>

namespace lnsim::systemc {
namespace {

constexpr std::uint64_t kFlow = 2;  // room beside a channel's latency, so that words may follow each other every cycle

std::uint64_t hop_latency(const GemmSchedule& schedule, std::uint64_t row, std::uint64_t column) {
  return schedule.config().accelerator.network.hop_cycles * (1 + row + column);
}

/// Link words of the largest output tile.
std::uint64_t tile_words(const GemmSchedule& schedule) {
  const PeParams& pe = schedule.config().accelerator.pe;
  const unsigned bits = std::max(schedule.config().psum_bits, schedule.config().out_bits);
  return ceil_div(pe.lanes * pe.hold_rows * bits, schedule.link_bytes() * 8);
}

}  // namespace

PeLinks::PeLinks(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column, std::size_t a_word_bytes,
                 std::size_t b_word_bytes, std::size_t tile_bytes)
    : row(pe_row),
      column(pe_column),
      hops(1 + pe_row + pe_column),
      arrive_a(kFlow, hop_latency(schedule, pe_row, pe_column), a_word_bytes),
      arrive_b(kFlow, hop_latency(schedule, pe_row, pe_column), b_word_bytes),
      tile_done(kFlow, schedule.config().accelerator.pe.datapath_cycles + schedule.config().accumulate_cycles()),
      psums(kFlow, 1),
      outputs(2 * tile_words(schedule), schedule.config().accelerator.pe.ppu_cycles, tile_bytes),
      arrive_preload(kFlow, hop_latency(schedule, pe_row, pe_column), tile_bytes) {}

}  // namespace lnsim::systemc
