// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/systemc/block.hpp"
#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/operand_port.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// The global buffer: ports of the operand streams and of partial sums, writer of drained words (docs/machine.md,
/// section 5). The fill and store ports belong to the DMA's side of the same banks and are counted there.
class GlobalBuffer final : public Block<GlobalBuffer> {
 public:
  struct Links {
    Channel<OperandWord>& a;
    Channel<OperandWord>& a_transposer;
    Channel<OperandWord>& b;
    Channel<OperandWord>& b_transposer;
    Channel<PreloadWord>& preload;
    Channel<DrainWord>& drain;
  };
  GlobalBuffer(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
               GlobalBufferState& state, std::deque<PeLinks>& pes, Links links, DataPlane* data);

  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kSums, kCredit, kDone };

  friend class Block<GlobalBuffer>;
  void tick();
  void claim_outputs();
  void write_drained();
  unsigned read_preload();  ///< 0 if a word was read, else the mask of causes
  [[nodiscard]] bool sums_there(const PeTile& tile) const;
  void next_preload_tile();

  const GemmSchedule& schedule_;
  GlobalBufferState& state_;
  std::deque<PeLinks>& pes_;
  Links links_;
  DataPlane* data_;
  OperandPort<AUnitWalk> a_;
  OperandPort<BUnitWalk> b_;
  std::size_t claim_step_ = 0;  ///< first step whose output tile has not been claimed yet

  DrainWalk preload_walk_;
  std::vector<std::uint64_t> preload_tile_of_pe_;  ///< tile counter per PE
  std::uint64_t preload_words_left_ = 0;           ///< of the tile being read
  bool has_preload_ = false;

  std::uint64_t drain_words_ = 0;
  std::uint64_t preload_words_ = 0;
  Stalls<3> preload_stalls_{{"sums", "credit", "done"}};
};

}  // namespace lnsim::systemc
