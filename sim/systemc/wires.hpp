// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/schedule/dma_job.hpp"
#include "sim/schedule/walks.hpp"
#include "sim/systemc/channel.hpp"

namespace lnsim::systemc {

/// One transfer between DRAM and chip (docs/machine.md, section 3).
struct TransferRequest {
  std::uint64_t bursts = 0;
  bool read = true;
  bool fills_buffer = false;  ///< loads: its words are written to the global buffer
  Region region = Region::kA;
  std::uint64_t free_bytes = 0;  ///< stores: space of the region that is free when the transfer is done
  const BurstList* addresses = nullptr;
};

/// A port word that arrived from DRAM.
struct FillWord {
  std::uint32_t bursts = 0;
  Region region = Region::kA;
};

/// A write that has left the data bus.
struct WriteDone {
  Region region = Region::kOut;
  std::uint64_t free_bytes = 0;
};

/// A word of an operand stream: whole vectors of one unit (or a part of one vector: then `vectors` is 1 in its last
/// part and 0 before).
struct OperandWord {
  std::uint32_t vectors = 0;
  std::uint32_t step = 0;
  std::uint32_t target = 0;  ///< PE row (A) or column (B)
  std::uint32_t block = 0;
};

/// Raw partial sums read from the collector.
struct PsumWord {
  std::uint32_t psums = 0;
  bool last_of_tile = false;
  bool waited_for_ppu = false;  ///< what ended the collector's wait before this word: room in the PPU, or the tile
};

/// A link word of outputs or partial sums.
struct DrainWord {
  bool last_of_tile = false;
  std::uint32_t payload_bytes = 0;  ///< with data: the last word of a tile carries the whole tile
};

/// A link word of partial sums on their way back into a collector.
struct PreloadWord {
  std::uint32_t pe = 0;
  std::uint64_t tile = 0;  ///< tile counter of that PE
  bool last_of_tile = false;
  std::uint32_t payload_bytes = 0;  ///< with data: the last word of a tile carries the whole tile
};

/// Space accounting of one region of the global buffer: tiles are claimed whole and in order, and freed whole.
struct RegionSpace {
  std::uint64_t capacity = 0;
  std::uint64_t claimed = 0;  ///< bytes ever claimed; written only by the block whose claim is next
  Progress claims;            ///< claims made
  Progress freed;             ///< bytes

  /// True if the claim with this position in the order can be made in cycle `now`.
  [[nodiscard]] bool can_claim(std::uint64_t now, std::uint64_t id, std::uint64_t bytes) const {
    return claims.seen(now) == id && claimed + bytes - freed.seen(now) <= capacity;
  }
  void claim(std::uint64_t now, std::uint64_t bytes) {
    claimed += bytes;
    claims.add(now, 1);
  }
};

/// Counters that cross from block to block in the global buffer.
struct GlobalBufferState {
  RegionSpace space[kRegions];
  Progress filled[kRegions];  ///< port words written by the DMA, per region
  Progress drained;           ///< output tiles (or vector chunks) written whole
};

}  // namespace lnsim::systemc
