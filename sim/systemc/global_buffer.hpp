// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/systemc/block.hpp"
#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Reads the units of one operand stream, a port word per cycle (docs/machine.md, G1 to G3).
template <class Walk>
class OperandReader {
 public:
  /// vector_bytes: of this operand.
  OperandReader(const GemmSchedule& schedule, Region region, std::uint64_t vector_bytes, GlobalBufferState& state,
                Channel<OperandWord>& direct, Channel<OperandWord>& transposer, DataPlane* data)
      : walk_(schedule),
        region_(region),
        state_(state),
        direct_(direct),
        transposer_(transposer),
        data_(data),
        vectors_per_word_(schedule.link_bytes() / vector_bytes) {}

  enum class Result { kMoved, kEmpty, kBlocked, kDone };
  Result tick(std::uint64_t now);
  [[nodiscard]] std::uint64_t words() const { return words_; }

 private:
  void send(std::uint64_t now, Channel<OperandWord>& out);

  Walk walk_;
  Region region_;
  GlobalBufferState& state_;
  Channel<OperandWord>& direct_;
  Channel<OperandWord>& transposer_;
  DataPlane* data_;
  std::uint64_t vectors_per_word_;  ///< 0: a vector takes several words
  bool started_ = false;            ///< the unit's watermark has been passed
  std::uint64_t word_ = 0;
  std::uint64_t sent_vectors_ = 0;
  std::uint64_t words_ = 0;
};

/// The global buffer: readers of the operand streams and of partial sums, writer of drained words. The fill and store
/// ports belong to the DMA's side of the same banks and are counted there.
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
               GlobalBufferState& state, Links links, DataPlane* data);

  void report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
              std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kBlocked };

  friend class Block<GlobalBuffer>;
  void tick();
  bool write_drained();
  bool read_preload(unsigned& causes);
  void next_preload_tile();

  const GemmSchedule& schedule_;
  GlobalBufferState& state_;
  Links links_;
  DataPlane* data_;
  OperandReader<AUnitWalk> a_;
  OperandReader<BUnitWalk> b_;
  bool claimed_ = false;  ///< space of the drained word's step

  DrainWalk preload_walk_;
  std::vector<std::uint64_t> preload_tile_of_pe_;  ///< tile counter per PE
  std::uint64_t preload_words_left_ = 0;
  bool preload_started_ = false;
  bool has_preload_ = false;

  std::uint64_t drain_words_ = 0;
  std::uint64_t preload_words_ = 0;
  Stalls<2> stalls_{{"empty", "blocked"}};
};

}  // namespace lnsim::systemc
