// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/systemc/block.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Links between global buffer and PEs: multicast of operands, partial sums out, outputs back (docs/machine.md, N1 to
/// N3). Operands always find room: the global buffer holds credits of the PEs.
class Network final : public Block<Network> {
 public:
  struct Links {
    Channel<OperandWord>& a;             ///< from the global buffer
    Channel<OperandWord>& a_transposed;  ///< from the transposer
    Channel<OperandWord>& b;
    Channel<OperandWord>& b_transposed;
    Channel<PreloadWord>& preload;
    Channel<DrainWord>& drain;  ///< to the global buffer
  };
  /// Bytes of data that an operand word carries; 0 without data.
  struct PayloadBytes {
    std::size_t a = 0, b = 0;
  };
  /// outputs: the region of the global buffer that drained words go to.
  Network(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, const RegionSpace& outputs,
          Links links, std::deque<PeLinks>& pes, PayloadBytes payload);

  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum OutCause : unsigned { kEmpty };
  enum DrainCause : unsigned { kPpu, kClaim, kDone };

  friend class Block<Network>;
  void tick();
  void deliver_a();
  void deliver_b();
  void deliver_preload();
  unsigned collect();  ///< 0 if a word was taken, else the mask of causes
  [[nodiscard]] bool a_works(const OperandWord& word, const PeLinks& pe) const;
  [[nodiscard]] bool b_works(const OperandWord& word, const PeLinks& pe) const;

  const GemmSchedule& schedule_;
  const RegionSpace& outputs_;
  Links links_;
  std::deque<PeLinks>& pes_;
  PayloadBytes payload_;
  DrainWalk drain_walk_;
  bool tile_started_ = false;

  std::uint64_t a_hops_ = 0, b_hops_ = 0, preload_hops_ = 0, drain_hops_ = 0;
  Stalls<1> a_stalls_{{"empty"}}, b_stalls_{{"empty"}}, preload_stalls_{{"empty"}};
  Stalls<3> drain_stalls_{{"ppu", "claim", "done"}};
};

}  // namespace lnsim::systemc
