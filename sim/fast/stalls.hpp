// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/support/error.hpp"
#include "sim/trace/run_result.hpp"

namespace lnsim::fast {

/// Cycles of one block, or of one kind of block in all PEs (docs/machine.md, R5 and section 9). Causes are indices into
/// the names that report() is given.
template <std::size_t kCauses>
class Stalls {
 public:
  void busy(std::uint64_t cycles) { busy_ += cycles; }
  /// Some of the busy cycles were none after all.
  void not_busy(std::uint64_t cycles) { busy_ -= cycles; }
  void charge(std::size_t cause, std::uint64_t cycles) { charged_[cause] += cycles; }
  [[nodiscard]] std::uint64_t busy_cycles() const { return busy_; }
  /// Adds the cycles of another instance.
  void add(const Stalls& other) {
    busy_ += other.busy_;
    for (std::size_t i = 0; i < kCauses; ++i) charged_[i] += other.charged_[i];
  }

  /// visit(cycles) for each number.
  template <class Visit>
  void visit(const Visit& visit) {
    visit(busy_);
    for (std::uint64_t& cycles : charged_) visit(cycles);
  }

  /// What is left of `cycles` (those of the pass, times the instances) goes to the last cause. Throws SimulationError
  /// if more were charged than there are.
  void report(StallTable& table, const std::string& module, const std::array<std::string_view, kCauses>& names,
              std::uint64_t cycles) const {
    std::uint64_t sum = busy_;
    for (const std::uint64_t count : charged_) sum += count;
    LNSIM_CHECK(sum <= cycles,
                module + ": " + std::to_string(sum) + " busy and blocked cycles in " + std::to_string(cycles));
    auto& causes = table[module];
    causes["busy"] += busy_;
    for (std::size_t i = 0; i < kCauses; ++i) {
      causes[std::string(names[i])] += charged_[i] + (i + 1 == kCauses ? cycles - sum : 0);
    }
  }

 private:
  std::uint64_t busy_ = 0;
  std::array<std::uint64_t, kCauses> charged_{};
};

}  // namespace lnsim::fast
