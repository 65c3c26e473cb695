// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/data/activity.hpp"
#include "sim/numerics/dot_unit.hpp"

namespace lnsim {

/// Codes of a format as bits in a register, and which of them are zero.
struct CodeBits {
  explicit CodeBits(const numerics::Format& format);

  unsigned bits = 0;
  std::size_t container_bytes = 0;
  std::uint32_t mask = 0;  ///< the bits of a code in its container
  /// A code is zero where these bits of it have this value. Formats without a zero have no such value.
  std::uint32_t zero_mask = 0, zero_value = 1;
};

/// Counts what real operands do to the registers of one PE's lanes, K-group by K-group.
class ActivityCounter {
 public:
  ActivityCounter(const numerics::DotUnit& unit, std::size_t lanes, std::size_t vector_size);

  /// One group with the accumulators before and after it, [row][stride]; saturated: whether one of them saturated.
  void group(const numerics::GroupBlock& block, const numerics::Psum* before, const numerics::Psum* after,
             std::size_t stride, bool saturated);

  [[nodiscard]] const DataActivity& counts() const { return counts_; }

 private:
  template <class Container>
  void load_a(const numerics::GroupBlock& block);
  template <class Container>
  void pass_rows(const numerics::GroupBlock& block);
  void add_sums(const numerics::GroupBlock& block, const numerics::Psum* before, const numerics::Psum* after,
                std::size_t stride, bool saturated);

  numerics::AccumulatorSpec accumulator_;
  CodeBits a_codes_, b_codes_;
  std::size_t vector_size_;
  std::size_t bank_ = 0;                     ///< of the A registers, written next
  std::vector<std::uint32_t> a_held_[2];     ///< [lane][element] of each bank
  std::vector<std::uint32_t> b_held_;        ///< [element]
  std::vector<std::uint32_t> lanes_with_a_;  ///< per element: lanes whose A code is not zero
  std::vector<std::uint64_t> sums_;          ///< per lane: the last sum of a group
  DataActivity counts_;
};

}  // namespace lnsim
