// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// INT(B), 2 <= B <= 16: a B-bit two's complement integer times scale. The quantiser is symmetric: it never makes
/// -2^(B-1), which decoding and dot products accept.
class IntFormat final : public Format {
 public:
  static constexpr unsigned kMinBits = 2;
  static constexpr unsigned kMaxBits = 16;

  /// Throws SpecError for other widths.
  explicit IntFormat(unsigned bits);

  [[nodiscard]] FormatKind kind() const override { return FormatKind::kInt; }
  [[nodiscard]] unsigned bits() const override { return bits_; }
  [[nodiscard]] bool valid(Code code) const override { return code >> bits_ == 0; }
  /// clamp(rhe(x / scale), -max, max), max = 2^(B-1) - 1. Throws CodeError for NaN, SpecError for a bad scale.
  [[nodiscard]] Encoded encode(double x, double scale) const override;
  [[nodiscard]] double decode(Code code, double scale) const override;
  /// max_abs / (2^(B-1) - 1); 1 where that is 0.
  [[nodiscard]] double usual_scale(double max_abs) const override;
  std::uint64_t quantize(std::span<const double> x, double scale, std::byte* codes) const override;

  /// The signed integer of a code.
  [[nodiscard]] std::int32_t integer(Code code) const {
    const std::uint32_t sign = 1U << (bits_ - 1);
    return static_cast<std::int32_t>((code ^ sign) - sign);
  }
  /// The code of an integer in range.
  [[nodiscard]] Code code(std::int32_t integer) const {
    return static_cast<std::uint32_t>(integer) & ((1U << bits_) - 1);
  }
  /// The largest code, 2^(B-1) - 1.
  [[nodiscard]] std::int32_t largest() const { return (1 << (bits_ - 1)) - 1; }

 private:
  [[nodiscard]] std::string own_name() const override { return "int" + std::to_string(bits_); }

  unsigned bits_;
};

}  // namespace lnsim::numerics
