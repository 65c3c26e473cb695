// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/systemc/block.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Links between global buffer and PEs: multicast of operands, partial sums out, outputs back (docs/machine.md, N1 to
/// N4).
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
  Network(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, Links links,
          std::deque<PeLinks>& pes, PayloadBytes payload);

  void report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
              std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty, kBlocked };

  friend class Block<Network>;
  void tick();
  bool deliver_a(unsigned& causes);
  bool deliver_b(unsigned& causes);
  bool deliver_preload(unsigned& causes);
  bool collect(unsigned& causes);
  [[nodiscard]] bool a_works(const OperandWord& word, const PeLinks& pe) const;
  [[nodiscard]] bool b_works(const OperandWord& word, const PeLinks& pe) const;

  const GemmSchedule& schedule_;
  Links links_;
  std::deque<PeLinks>& pes_;
  PayloadBytes payload_;
  AUnitWalk a_walk_;  ///< which of the two sources is next: units alternate as their tiles do
  BUnitWalk b_walk_;
  std::uint64_t a_words_left_, b_words_left_;
  std::vector<std::uint64_t> injected_a_, injected_b_;  ///< vectors per PE
  std::uint64_t capacity_a_, capacity_b_;
  DrainWalk drain_walk_;
  bool tile_started_ = false;

  std::uint64_t a_hops_ = 0, b_hops_ = 0, preload_hops_ = 0, drain_hops_ = 0;
  Stalls<2> stalls_{{"empty", "blocked"}};
};

}  // namespace lnsim::systemc
