// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "sim/numerics/block_format.hpp"
#include "sim/support/text.hpp"

namespace lnsim {

/// What an element takes in memory, exactly: its code, and in a block-scaled format its share of the block's scale, in
/// units of 1/32 bit (scales of 8 bits per 32 or 16 elements, of w bits per 32).
class ElementSize {
 public:
  static constexpr std::uint64_t kUnitsPerBit = 32;
  static constexpr std::uint64_t kUnitsPerByte = 8 * kUnitsPerBit;

  constexpr ElementSize() = default;
  // An element of whole bits is the rule, so it converts.
  constexpr ElementSize(unsigned bits) : units_(bits * kUnitsPerBit) {}  // NOLINT(google-explicit-constructor)
  constexpr ElementSize(unsigned code_bits, unsigned scale_units) : units_(code_bits * kUnitsPerBit + scale_units) {}
  explicit ElementSize(const numerics::BlockFormat& format) : ElementSize(format.element().bits(), share(format)) {}

  /// Units of an element's share of its scale; exact, because block sizes divide 32 times their scale's bits.
  [[nodiscard]] static unsigned share(const numerics::BlockFormat& format) {
    return format.scale_bits() * static_cast<unsigned>(kUnitsPerBit) / format.block();
  }

  [[nodiscard]] constexpr std::uint64_t units() const { return units_; }
  [[nodiscard]] constexpr double bits() const { return static_cast<double>(units_) / kUnitsPerBit; }
  /// Bytes of so many elements side by side, the last one rounded up.
  [[nodiscard]] constexpr std::uint64_t bytes(std::uint64_t elements) const {
    return ceil_div(elements * units_, kUnitsPerByte);
  }
  friend constexpr auto operator<=>(const ElementSize&, const ElementSize&) = default;

 private:
  std::uint64_t units_ = 0;
};

/// Of an element of this format.
[[nodiscard]] inline ElementSize element_size(const numerics::Format& format) {
  return format.block() ? ElementSize(*format.block()) : ElementSize(format.bits());
}

}  // namespace lnsim
