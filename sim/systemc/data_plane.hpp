// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "sim/data/output_elements.hpp"
#include "sim/data/view_gather.hpp"
#include "sim/mapping/footprint.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/schedule/walks.hpp"
#include "sim/systemc/faults.hpp"

namespace lnsim::systemc {

/// Tensors of one pass in DRAM, as codes in containers. Machine operands A and B are read; the output is written.
struct DramTensors {
  const std::byte* a = nullptr;
  const std::byte* b = nullptr;
  std::byte* out = nullptr;  ///< zero codes before the pass
  unsigned a_container = 1, b_container = 1, out_container = 1;
};

/// The contents of DRAM and global buffer in a run with data: what the DMA, the readers and the writer of the global
/// buffer move. Contains no time; blocks call it when they move a word. Every code takes the way DRAM, tile in the
/// global buffer, vector, and back; nothing is looked up in a tensor that the machine has not loaded.
class DataPlane {
 public:
  DataPlane(const GemmSchedule& schedule, const DramTensors& tensors, FaultInjector* faults);

  /// The DMA wrote the next word of its loads: `bursts` bursts of the current load job.
  void fill(std::uint32_t bursts);
  /// Codes of vectors [first, first + count) of a unit, V containers each; elements beyond the unit's K are zero codes.
  /// The vectors of a unit are asked for in order.
  void gather(Region region, const Unit& unit, std::uint64_t first, std::uint64_t count, std::byte* out);
  /// The tile that a reader has finished with is given up.
  void release(Region region);
  /// A drained tile, [row][lane]: codes of finished outputs, or raw accumulators.
  void write_drained(const std::byte* payload);
  /// Raw accumulators of a tile, [row][lane]; returns the bytes written.
  std::uint32_t read_preload(const PeTile& tile, std::byte* payload);
  /// The DMA stored an output tile: codes go to the output tensor, partial sums to their place in DRAM.
  void store(const DmaJob& job);

 private:
  /// An operand tile in the global buffer.
  struct Tile {
    std::int64_t first = 0;  ///< tensor element at position 0, without batch offset
    std::vector<Run> runs;
    std::unique_ptr<std::byte[]> codes;  ///< only elements of the runs are ever written or read
    std::size_t run = 0;                 ///< next run to fill
    std::uint64_t run_done = 0;          ///< elements of it already filled
    std::uint64_t next_burst = 0;        ///< first burst not yet filled
  };
  /// One operand stream: its tiles in order of their loads.
  struct Stream {
    std::deque<Tile> tiles;  ///< the front one is being read
    std::uint64_t released = 0;
    std::vector<std::uint32_t> load_steps;  ///< step of each load
    unsigned container = 1;
    unsigned bits = 8;
    const std::byte* dram = nullptr;
    std::vector<ViewGather> gathers;  ///< per GEMM
    std::vector<std::byte> unit;      ///< vectors of the unit being read
  };
  struct OutTile {
    std::vector<numerics::Psum> psums;  ///< [b_row][a_row]
    std::vector<std::byte> codes;
  };

  Tile& tile(Stream& stream, std::uint64_t load);
  void fill_tile(Stream& stream, Tile& tile, std::uint32_t step, std::uint32_t bursts);
  void gather_unit(Stream& stream, Region region, const Unit& unit, std::size_t vector_bytes);
  [[nodiscard]] const OperandView& view(const Stream& stream, const Step& step) const;
  OutTile& out_tile(const Step& step);
  void store_codes(const Step& step, const OutTile& tile);
  static std::uint64_t out_key(const Step& step) { return step.out_claim_id; }
  /// A spilled tile comes back under another claim.
  using SpillKey = std::tuple<std::uint32_t, std::int64_t, std::uint64_t, std::uint64_t>;
  static SpillKey spill_key(const Step& step) { return {step.gemm, step.out_offset, step.a_begin, step.b_begin}; }

  const GemmSchedule& schedule_;
  DramTensors tensors_;
  FaultInjector* faults_;
  Stream a_, b_;
  std::vector<OutputElements> elements_;  ///< per GEMM
  std::size_t load_job_ = 0;
  std::uint64_t job_bursts_ = 0;
  std::uint64_t loads_begun_[2]{0, 0};
  DrainWalk drain_walk_;
  std::map<std::uint64_t, OutTile> out_tiles_;
  std::map<SpillKey, std::vector<numerics::Psum>> spilled_;
};

}  // namespace lnsim::systemc
