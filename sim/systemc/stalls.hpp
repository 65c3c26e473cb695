// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/support/error.hpp"
#include "sim/trace/run_result.hpp"

namespace lnsim::systemc {

/// Charges the cycles of one block (docs/machine.md, R5). Causes are bits, in the order in which ties are broken.
template <std::size_t kCauses>
class Stalls {
 public:
  explicit Stalls(std::array<std::string_view, kCauses> names) : names_(names) {}

  /// `cycles` cycles of work from cycle `now` on. Cycles between two calls belong to the gap that was open: a block
  /// that sleeps is still blocked by what it reported last.
  void busy(std::uint64_t now, std::uint64_t cycles = 1) {
    if (in_gap_) close(now);
    busy_ += cycles;
  }
  /// mask: the constraints that hold the block in this cycle, not 0. The constraint that ends last is one of those that
  /// still held in the last cycle of the gap.
  void blocked(std::uint64_t now, unsigned mask) {
    if (!in_gap_) gap_begin_ = now;
    in_gap_ = true;
    last_mask_ = mask;
  }
  /// The constraints that ended the open gap, if there is one, were these: for a block that hears of them with the word
  /// that ends its gap.
  void explain_gap(unsigned mask) { last_mask_ = mask; }
  [[nodiscard]] std::uint64_t busy_cycles() const { return busy_; }

  /// Adds this block's cycles to the report; what is left of `cycles` after the last action goes to `tail_cause`.
  /// Throws SimulationError if the block was busy or blocked for more cycles than there were.
  void report(std::map<std::string, std::uint64_t>& out, std::uint64_t cycles, unsigned tail_cause) {
    std::uint64_t charged = busy_;
    for (const std::uint64_t count : charged_) charged += count;
    LNSIM_CHECK(charged <= cycles,
                "a block with " + std::to_string(charged) + " busy and blocked cycles in " + std::to_string(cycles));
    charged_[tail_cause] += cycles - charged;
    out["busy"] += busy_;
    for (std::size_t i = 0; i < kCauses; ++i) out[std::string(names_[i])] += charged_[i];
  }

 private:
  void close(std::uint64_t now) {
    std::size_t cause = 0;
    while (((last_mask_ >> cause) & 1U) == 0) ++cause;
    charged_[cause] += now - gap_begin_;
    in_gap_ = false;
  }

  std::array<std::string_view, kCauses> names_;
  std::array<std::uint64_t, kCauses> charged_{};
  std::uint64_t busy_ = 0;
  std::uint64_t gap_begin_ = 0;
  bool in_gap_ = false;
  unsigned last_mask_ = 1;
};

}  // namespace lnsim::systemc
