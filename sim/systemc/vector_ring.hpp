// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

/// The codes of a circular vector buffer in a PE, by position: how many vectors were written before. Empty without
/// data.
class VectorRing {
 public:
  VectorRing() = default;
  VectorRing(std::uint64_t capacity, std::size_t vector_bytes)
      : vector_bytes_(vector_bytes),
        mask_(std::bit_ceil(capacity) - 1),
        codes_(vector_bytes == 0 ? 0 : (mask_ + 1) * vector_bytes) {}

  [[nodiscard]] std::byte* at(std::uint64_t position) { return codes_.data() + (position & mask_) * vector_bytes_; }
  /// Packed vectors to [position, position + count).
  void write(std::uint64_t position, std::uint64_t count, const std::byte* from) {
    const std::uint64_t first = std::min(count, mask_ + 1 - (position & mask_));  // the rest begins at slot 0
    copy_vector(at(position), from, first * vector_bytes_);
    if (first < count) std::memcpy(at(0), from + first * vector_bytes_, (count - first) * vector_bytes_);
  }
  /// Vectors [position, position + count) to `to`, packed.
  void copy(std::uint64_t position, std::uint64_t count, std::byte* to) const {
    const std::uint64_t first = std::min(count, mask_ + 1 - (position & mask_));
    std::memcpy(to, codes_.data() + (position & mask_) * vector_bytes_, first * vector_bytes_);
    if (first < count) std::memcpy(to + first * vector_bytes_, codes_.data(), (count - first) * vector_bytes_);
  }

 private:
  std::size_t vector_bytes_ = 0;
  std::uint64_t mask_ = 0;
  std::vector<std::byte> codes_;
};

}  // namespace lnsim::systemc
