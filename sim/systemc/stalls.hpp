// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace lnsim::systemc {

/// Charges the cycles of one block (docs/machine.md, R4). Causes are bits, in the order in which ties are broken.
template <std::size_t kCauses>
class Stalls {
 public:
  explicit Stalls(std::array<std::string_view, kCauses> names) : names_(names) {}

  void busy() {
    if (gap_ != 0) close();
    ++busy_;
  }
  /// mask: the constraints that hold the block in this cycle, not 0. The constraint that ends last is one of those that
  /// still held in the last cycle of the gap.
  void blocked(unsigned mask) {
    ++gap_;
    last_mask_ = mask;
  }
  [[nodiscard]] std::uint64_t busy_cycles() const { return busy_; }

  /// Adds this block's cycles to the report; what is left of `cycles` after the last action goes to `tail_cause`.
  void report(std::map<std::string, std::uint64_t>& out, std::uint64_t cycles, unsigned tail_cause) {
    std::uint64_t charged = busy_;
    for (const std::uint64_t count : charged_) charged += count;
    charged_[tail_cause] += cycles - charged;
    out["busy"] += busy_;
    for (std::size_t i = 0; i < kCauses; ++i) out[std::string(names_[i])] += charged_[i];
  }

 private:
  void close() {
    std::size_t cause = 0;
    while (((last_mask_ >> cause) & 1U) == 0) ++cause;
    charged_[cause] += gap_;
    gap_ = 0;
  }

  std::array<std::string_view, kCauses> names_;
  std::array<std::uint64_t, kCauses> charged_{};
  std::uint64_t busy_ = 0;
  std::uint64_t gap_ = 0;
  unsigned last_mask_ = 1;
};

}  // namespace lnsim::systemc
