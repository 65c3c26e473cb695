// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lnsim {

/// Bits of some registers and how many of them changed when new values were written.
struct Toggles {
  std::uint64_t bits = 0;
  std::uint64_t changed = 0;

  Toggles& operator+=(const Toggles& other) {
    bits += other.bits;
    changed += other.changed;
    return *this;
  }
  friend bool operator==(const Toggles&, const Toggles&) = default;
};

/// What the operands of a pass with data did to the datapath, over all PEs. Idle lanes and the padding of a last group
/// are clock gated and not counted. A register holds what was written last, across groups and tiles; it starts at 0.
struct DataActivity {
  Toggles operand_a;  ///< loads of the lanes' A registers, two banks in turn
  Toggles operand_b;  ///< rows in the B register
  Toggles products;   ///< B codes at the lanes' multipliers; where the A element is zero no change counts
  Toggles tree;       ///< sums of a group in two's complement, lane by lane; fixed accumulators without saturation only
  Toggles accumulator;               ///< partial sums: each group's write over what the same output held
  std::uint64_t macs = 0;            ///< useful multiply-accumulates
  std::uint64_t zero_operand_a = 0;  ///< of them with operand A zero
  std::uint64_t zero_operand_b = 0;
  std::uint64_t zero_products = 0;  ///< of them with either

  DataActivity& operator+=(const DataActivity& other);
  friend bool operator==(const DataActivity&, const DataActivity&) = default;
};

}  // namespace lnsim
