// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/systemc/block.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Turns units read along rows into vectors along k: a ping-pong pair of banks, each one unit (docs/machine.md, X1).
/// One for each operand stream. The global buffer sends a unit only when its bank will be empty.
class Transposer final : public Block<Transposer> {
 public:
  struct Stream {
    Channel<OperandWord>& in;
    Channel<OperandWord>& out;
  };
  Transposer(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, Stream a, Stream b,
             std::size_t a_payload_bytes, std::size_t b_payload_bytes);

  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kEmpty };

  /// A word of a bank with its data.
  struct Stored {
    OperandWord word;
    std::vector<std::byte> payload;
  };
  /// The machinery of one stream.
  struct Side {
    Stream stream;
    std::size_t payload_bytes = 0;
    std::vector<std::uint64_t> unit_words;   ///< of the two banks
    std::vector<std::vector<Stored>> banks;  ///< unit u is in bank u % 2
    std::uint64_t units_in = 0;              ///< units received whole
    std::uint64_t units_out = 0;
    std::uint64_t words_in = 0;  ///< of the unit being received
    std::uint64_t words_out = 0;
    std::uint64_t out_from = 0;
    std::uint64_t vectors = 0;
    Stalls<1> stalls{{"empty"}};
  };

  friend class Block<Transposer>;
  void tick();
  [[nodiscard]] static bool idle(const Side& side);
  template <class Walk>
  void receive(Side& side, Walk& walk);
  void send(Side& side);
  template <class Walk>
  static void skip_direct(Walk& walk);

  Side a_, b_;
  AUnitWalk a_walk_;
  BUnitWalk b_walk_;
  std::uint64_t word_cycles_;
};

}  // namespace lnsim::systemc
