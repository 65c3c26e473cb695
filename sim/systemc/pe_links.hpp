// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/systemc/wires.hpp"

namespace lnsim::systemc {

/// The channels and counters inside one PE and at its border. One of these per PE; every block of the PE array works on
/// all of them. Words never wait in a channel: who sends them knows that there is room (docs/machine.md, R3).
struct PeLinks {
  PeLinks(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column, std::size_t a_word_bytes,
          std::size_t b_word_bytes, std::size_t tile_bytes);

  std::uint64_t row, column;
  std::uint64_t hops;

  Channel<OperandWord> arrive_a;  ///< network to buffer A
  Channel<OperandWord> arrive_b;
  Progress freed_a;  ///< vectors freed in buffer A
  Progress freed_b;
  Progress groups_complete;          ///< K-groups whole in the shadow bank
  Progress groups_issued;            ///< K-groups whose last row has issued
  Progress banks_ready;              ///< tiles whose collector bank may be written
  Channel<std::uint64_t> tile_done;  ///< lanes to collector, with the latency of datapath and accumulator (C1)
  Progress tiles_drained;            ///< by the collector
  Channel<PsumWord> psums;           ///< collector to PPU
  Channel<DrainWord> outputs;        ///< PPU to network: two tiles (P2)
  Progress tiles_sent;               ///< tiles that have left the PPU whole
  Channel<PreloadWord> arrive_preload;
};

}  // namespace lnsim::systemc
