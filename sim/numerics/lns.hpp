// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sim/numerics/exp2_table.hpp"
#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// What the exponent code e = 0 means.
enum class ZeroMode : std::uint8_t {
  kMinCode,  ///< the smallest magnitude; zero has no code
  kZeroCode  ///< exactly zero; the smallest magnitude has e = 1
};

/// "min_code" or "zero_code".
[[nodiscard]] std::string to_string(ZeroMode mode);

/// LNS(B, gamma): sign s in bit B-1, exponent code e below it; value = (-1)^s * scale * 2^((e - E) / gamma),
/// E = 2^(B-1) - 1. Source: Zhao et al., LNS-Madam, IEEE Trans. Computers 71(12), 2022.
/// In `zero_code`, e = 0 is zero whatever the sign bit; the quantiser makes it with s = 0.
class LnsFormat final : public Format {
 public:
  static constexpr unsigned kMinBits = 2;
  static constexpr unsigned kMaxBits = 16;

  /// 2 <= bits <= 16, gamma a power of two, 1 <= gamma <= 2^(bits - 1); throws SpecError. Use make_lns.
  LnsFormat(unsigned bits, unsigned gamma, ZeroMode zero);

  [[nodiscard]] FormatKind kind() const override { return FormatKind::kLns; }
  [[nodiscard]] unsigned bits() const override { return bits_; }
  [[nodiscard]] bool valid(Code code) const override { return code >> bits_ == 0; }
  /// e = rhe(gamma * log2(|x| / scale)) + E, clamped to E; below the smallest magnitude (0, 0) in `zero_code` and e = 0
  /// in `min_code`; (0, 0) for zero. The quotient is rounded to binary64, all else is exact.
  [[nodiscard]] Encoded encode(double x, double scale) const override;
  [[nodiscard]] double decode(Code code, double scale) const override;
  /// max_abs; 1 where that is 0.
  [[nodiscard]] double usual_scale(double max_abs) const override { return max_abs > 0.0 ? max_abs : 1.0; }
  std::uint64_t quantize(std::span<const double> x, double scale, std::byte* codes) const override;

  /// The quantiser on an already scaled magnitude: mantissa * 2^exponent, mantissa > 0 and finite (or zero).
  [[nodiscard]] Encoded encode_scaled(bool negative, double mantissa, int exponent) const;
  /// The same for signed mantissas with one exponent, to codes of container_bytes() each; returns how many were
  /// clipped.
  std::uint64_t encode_scaled(std::span<const double> mantissas, int exponent, std::byte* codes) const;

  [[nodiscard]] unsigned gamma() const { return gamma_; }
  [[nodiscard]] unsigned log2_gamma() const { return log2_gamma_; }
  [[nodiscard]] ZeroMode zero_mode() const { return zero_; }
  /// E, the largest exponent code.
  [[nodiscard]] std::int32_t max_exponent() const { return max_exponent_; }
  [[nodiscard]] std::int32_t exponent(Code code) const {
    return static_cast<std::int32_t>(code & static_cast<Code>(max_exponent_));
  }
  [[nodiscard]] bool negative(Code code) const { return (code >> (bits_ - 1) & 1U) != 0; }
  /// True if the code stands for zero.
  [[nodiscard]] bool is_zero(Code code) const { return zero_ == ZeroMode::kZeroCode && exponent(code) == 0; }
  [[nodiscard]] Code code(bool negative, std::int32_t exponent) const {
    return (static_cast<Code>(negative) << (bits_ - 1)) | static_cast<Code>(exponent);
  }

 private:
  [[nodiscard]] std::string own_name() const override;

  [[nodiscard]] Encoded clamp(bool negative, std::int64_t raw) const;
  template <typename Container>
  std::uint64_t encode_all(std::span<const double> mantissas, int exponent, std::byte* codes) const;
  template <typename Container>
  std::uint64_t quantize_as(std::span<const double> x, double scale, std::byte* codes) const;

  unsigned bits_;
  unsigned gamma_;
  unsigned log2_gamma_;
  std::int32_t max_exponent_;
  ZeroMode zero_;
  std::shared_ptr<const Exp2Tables> tables_;
};

/// The format LNS(bits, gamma) with that zero mode, one shared object for each; throws SpecError if it does not exist.
[[nodiscard]] std::shared_ptr<const LnsFormat> make_lns(unsigned bits, unsigned gamma, ZeroMode zero);

}  // namespace lnsim::numerics
