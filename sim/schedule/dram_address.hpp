// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/arch/dram_params.hpp"
#include "sim/support/divisor.hpp"

namespace lnsim {

/// Where a burst lies (docs/machine.md, B1). rank, group and bank count over all of the channel.
struct BankAddress {
  std::uint32_t channel = 0;
  std::uint32_t rank = 0;
  std::uint32_t group = 0;
  std::uint32_t bank = 0;
  std::uint64_t row = 0;
};

class AddressMap {
 public:
  AddressMap(const BankedDram& dram, std::uint64_t burst_bytes)
      : extents_{Divisor(dram.channels),        Divisor(dram.bank_groups), Divisor(dram.row_bytes / burst_bytes),
                 Divisor(dram.banks_per_group), Divisor(dram.ranks),       Divisor(dram.rows)} {}

  /// Digits of a burst's address, fastest first.
  enum Digit : std::size_t { kChannel, kGroup, kColumn, kBank, kRank, kRow, kDigits };
  using Digits = std::array<std::uint64_t, kDigits>;

  [[nodiscard]] Digits digits(std::uint64_t burst) const {
    Digits digits{};
    for (std::size_t i = 0; i < kDigits; ++i) {
      const Divisor::Result result = extents_[i].divide(burst);
      digits[i] = result.remainder;
      burst = result.quotient;
    }
    return digits;
  }
  /// Of the burst behind it.
  void next(Digits& digits) const {
    for (std::size_t i = 0; i < kDigits; ++i) {
      if (++digits[i] < extents_[i].value()) return;
      digits[i] = 0;
    }
  }
  [[nodiscard]] BankAddress of(const Digits& digits) const {
    BankAddress at;
    at.channel = static_cast<std::uint32_t>(digits[kChannel]);
    at.rank = static_cast<std::uint32_t>(digits[kRank]);
    at.row = digits[kRow];
    at.group = static_cast<std::uint32_t>(digits[kRank] * extents_[kGroup].value() + digits[kGroup]);
    at.bank = static_cast<std::uint32_t>(at.group * extents_[kBank].value() + digits[kBank]);
    return at;
  }
  [[nodiscard]] BankAddress of(std::uint64_t burst) const { return of(digits(burst)); }

 private:
  std::array<Divisor, kDigits> extents_;
};

/// Where the data of a pass lie, in bursts (docs/machine.md, B2): tensors first, the rest appended as it comes up.
class DramLayout {
 public:
  explicit DramLayout(std::uint64_t burst_bytes = 1) : burst_bytes_(burst_bytes) {}
  /// Room for so many bytes behind what there is; the first burst of it.
  std::uint64_t append(std::uint64_t bytes) {
    const std::uint64_t first = end_;
    end_ += (bytes + burst_bytes_ - 1) / burst_bytes_;
    return first;
  }

 private:
  std::uint64_t burst_bytes_;
  std::uint64_t end_ = 0;
};

}  // namespace lnsim
