// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/systemc/wires.hpp"

namespace lnsim::systemc {

/// The channels and counters inside one PE and at its border. One of these per PE; every block of the PE array works on
/// all of them.
struct PeLinks {
  PeLinks(const GemmSchedule& schedule, std::uint64_t pe_row, std::uint64_t pe_column, std::size_t a_vector_bytes,
          std::size_t b_vector_bytes, std::size_t out_payload_bytes, std::size_t preload_payload_bytes);

  std::uint64_t row, column;
  std::uint64_t hops;

  Channel<OperandWord> arrive_a;  ///< network to buffer A; space was reserved at injection, so it never fills
  Channel<OperandWord> arrive_b;
  Progress freed_a;  ///< vectors freed in buffer A
  Progress freed_b;
  Channel<LaneWord> lane_vectors;    ///< buffer A to operand registers
  Channel<RowWord> rows;             ///< buffer B to lanes
  Progress groups_complete;          ///< K-groups whole in the shadow bank
  Progress groups_issued;            ///< K-groups whose last row has issued
  Progress banks_ready;              ///< tiles whose collector bank may be written
  Channel<std::uint64_t> tile_done;  ///< lanes to collector, with the latency of datapath and accumulator (C1)
  Progress tiles_drained;            ///< by the collector
  Channel<PsumWord> psums;           ///< collector to PPU
  Channel<DrainWord> outputs;        ///< PPU to network
  Channel<PreloadWord> arrive_preload;
};

}  // namespace lnsim::systemc
