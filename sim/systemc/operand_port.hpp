// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"

namespace lnsim::systemc {

/// The global buffer's port of one operand stream: reads units, a word per cycle, once they are in the buffer and the
/// PEs have room for them (docs/machine.md, G1 to G4, X1, X2).
template <class Walk>
class OperandPort {
 public:
  OperandPort(const GemmSchedule& schedule, Region region, GlobalBufferState& state, std::deque<PeLinks>& pes,
              Channel<OperandWord>& direct, Channel<OperandWord>& transposer, DataPlane* data);

  void tick(std::uint64_t now);
  [[nodiscard]] std::uint64_t words() const { return words_; }
  void report(StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kFill, kCredit, kTransposer, kDone };

  void look_at_unit();
  [[nodiscard]] unsigned blocked(std::uint64_t now) const;
  [[nodiscard]] bool has_credit(std::uint64_t now) const;
  void start_unit(std::uint64_t now);
  void send_word(std::uint64_t now);
  void end_unit(std::uint64_t now);
  [[nodiscard]] bool operand_a() const { return region_ == Region::kA; }
  [[nodiscard]] const Progress& freed(const PeLinks& pe) const { return operand_a() ? pe.freed_a : pe.freed_b; }

  const GemmSchedule& schedule_;
  Walk walk_;
  Region region_;
  GlobalBufferState& state_;
  std::deque<PeLinks>& pes_;
  Channel<OperandWord>& direct_;
  Channel<OperandWord>& transposer_;
  DataPlane* data_;
  std::uint64_t vectors_per_word_;  ///< 0: a vector takes several words
  std::uint64_t capacity_;          ///< vectors that a PE's buffer holds
  std::uint64_t read_cycles_, transposed_word_cycles_;

  std::vector<std::size_t> targets_;  ///< PEs that the unit goes to
  std::uint64_t need_ = 0;            ///< fill words that the unit needs
  std::vector<std::uint64_t> sent_;   ///< vectors, per PE
  std::uint64_t word_ = 0;            ///< of the unit being read
  std::uint64_t words_left_ = 0;
  std::uint64_t sent_vectors_ = 0;
  std::uint64_t next_word_ = 0;  ///< cycle in which the next word may be read

  bool after_transposed_ = false;   ///< the unit before went through the transposer
  std::uint64_t transposed_ = 0;    ///< units that did
  std::uint64_t out_end_[2]{0, 0};  ///< cycle after which the transposer's bank is empty
  std::uint64_t out_next_ = 0;      ///< first cycle in which the next transposed unit may come out
  std::uint64_t last_on_link_ = 0;  ///< cycle in which the last transposed word so far is on the link
  std::uint64_t words_ = 0;
  Stalls<4> stalls_{{"fill", "credit", "transposer", "done"}};
};

}  // namespace lnsim::systemc
