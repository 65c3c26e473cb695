// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/arch/dram_params.hpp"

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
      : channels_(dram.channels),
        groups_(dram.bank_groups),
        columns_(dram.row_bytes / burst_bytes),
        banks_(dram.banks_per_group),
        ranks_(dram.ranks),
        rows_(dram.rows) {}

  [[nodiscard]] BankAddress of(std::uint64_t burst) const {
    const auto digit = [&burst](std::uint64_t extent) {
      const std::uint64_t value = burst % extent;
      burst /= extent;
      return value;
    };
    BankAddress at;
    at.channel = static_cast<std::uint32_t>(digit(channels_));
    const std::uint64_t group = digit(groups_);
    (void)digit(columns_);
    const std::uint64_t bank = digit(banks_);
    at.rank = static_cast<std::uint32_t>(digit(ranks_));
    at.row = digit(rows_);
    at.group = static_cast<std::uint32_t>(at.rank * groups_ + group);
    at.bank = static_cast<std::uint32_t>(at.group * banks_ + bank);
    return at;
  }

 private:
  std::uint64_t channels_, groups_, columns_, banks_, ranks_, rows_;
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
