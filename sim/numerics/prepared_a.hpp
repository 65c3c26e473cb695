// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lnsim::numerics {

struct GroupBlock;

/// Operand A of a K-group in the form that the vector kernel of a unit reads, kept by the caller for the next block
/// with the same codes, so that the kernel need not transpose them again. It also holds the codes it was made from:
/// accumulate() compares them with the block's, byte by byte, and makes it anew where they differ. So it saves time and
/// never changes a result, whatever it held before.
///
/// Belongs to one unit (on one instruction set) and is used by one thread at a time. Its contents are the kernel's
/// business; units without a use for it leave it empty.
class PreparedA {
 public:
  /// True if this was made from the codes of the block's operand A.
  [[nodiscard]] bool holds(const GroupBlock& block, unsigned container_bytes) const;
  /// Takes note of the codes of the block's operand A; returns room for `bytes` bytes of prepared form, aligned to 64.
  std::byte* renew(const GroupBlock& block, unsigned container_bytes, std::size_t bytes);
  [[nodiscard]] const std::byte* data() const { return lines_.front().bytes; }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };

  std::vector<std::byte> codes_;  ///< [lane][element] without gaps
  unsigned lanes_ = 0;
  unsigned elements_ = 0;
  std::vector<Line> lines_;
};

}  // namespace lnsim::numerics
