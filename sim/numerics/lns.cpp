// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/lns.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <tuple>

#include "sim/numerics/scale.hpp"

namespace lnsim::numerics {
namespace {

constexpr std::uint64_t kBinary64Fraction = (std::uint64_t{1} << 52) - 1;

/// Thresholds depend on gamma alone; update copies of every layer share 2048 of them.
std::shared_ptr<const Exp2Tables> shared_tables(unsigned gamma) {
  static std::mutex mutex;
  static std::map<unsigned, std::shared_ptr<const Exp2Tables>> all;
  const std::lock_guard lock(mutex);
  auto& tables = all[gamma];
  if (!tables) tables = std::make_shared<const Exp2Tables>(gamma);
  return tables;
}

std::string describe(unsigned bits, unsigned gamma, ZeroMode zero) {
  return "lns(" + std::to_string(bits) + "," + std::to_string(gamma) + "," + to_string(zero) + ")";
}

void check(unsigned bits, unsigned gamma, ZeroMode zero) {
  if (bits < LnsFormat::kMinBits || bits > LnsFormat::kMaxBits) {
    throw SpecError(describe(bits, gamma, zero) + ": bits must be 2 to 16");
  }
  if (!std::has_single_bit(gamma) || gamma > 1U << (bits - 1)) {
    throw SpecError(describe(bits, gamma, zero) + ": gamma must be a power of two from 1 to " +
                    std::to_string(1U << (bits - 1)));
  }
}

}  // namespace

std::string to_string(ZeroMode mode) { return mode == ZeroMode::kZeroCode ? "zero_code" : "min_code"; }

LnsFormat::LnsFormat(unsigned bits, unsigned gamma, ZeroMode zero)
    : bits_(bits), gamma_(gamma), log2_gamma_(0), max_exponent_(0), zero_(zero) {
  check(bits, gamma, zero);
  log2_gamma_ = static_cast<unsigned>(std::countr_zero(gamma));
  max_exponent_ = (1 << (bits - 1)) - 1;
  tables_ = shared_tables(gamma);
}

std::string LnsFormat::own_name() const { return describe(bits_, gamma_, zero_); }

Encoded LnsFormat::clamp(bool negative, std::int64_t raw) const {
  // No branches on what is as good as random.
  const auto kept = static_cast<std::int32_t>(std::clamp<std::int64_t>(raw, 0, max_exponent_));
  const bool zero = zero_ == ZeroMode::kZeroCode && kept == 0;
  return {zero ? Code{0} : code(negative, kept), raw > max_exponent_};
}

Encoded LnsFormat::encode_scaled(bool negative, double mantissa, int exponent) const {
  if (mantissa == 0.0) return {};
  const auto all_bits = std::bit_cast<std::uint64_t>(mantissa);
  if (all_bits >> 52 != 0) {
    const std::int64_t octave = std::int64_t{exponent} + static_cast<std::int64_t>(all_bits >> 52) - 1023;
    return clamp(negative, octave * gamma_ + tables_->rounder.round(all_bits & kBinary64Fraction) + max_exponent_);
  }
  int shift = 0;                                         // subnormal
  const double fraction = std::frexp(mantissa, &shift);  // [1/2, 1): its bits are those of [1, 2)
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(fraction) & kBinary64Fraction;
  const std::int64_t octave = std::int64_t{exponent} + shift - 1;
  return clamp(negative, octave * gamma_ + tables_->rounder.round(bits) + max_exponent_);
}

Encoded LnsFormat::encode(double x, double scale) const {
  check_scale(scale);
  if (std::isnan(x)) throw CodeError("NaN cannot be quantised");
  const bool negative = std::signbit(x) && x != 0.0;
  if (std::isinf(x)) return {code(negative, max_exponent_), true};
  if (x == 0.0) return {};
  // The quotient of the mantissas: it cannot leave the range of binary64, as |x| / scale could.
  int x_exponent = 0;
  int scale_exponent = 0;
  const double x_mantissa = std::frexp(std::fabs(x), &x_exponent);
  const double scale_mantissa = std::frexp(scale, &scale_exponent);
  return encode_scaled(negative, x_mantissa / scale_mantissa, x_exponent - scale_exponent);
}

double LnsFormat::decode(Code code, double scale) const {
  if (!valid(code)) throw CodeError("code " + std::to_string(code) + " does not fit " + name());
  if (is_zero(code)) return 0.0;
  const std::int32_t distance = exponent(code) - max_exponent_;
  const std::int32_t octave = distance >> log2_gamma_;
  const auto remainder = static_cast<std::uint32_t>(distance) & (gamma_ - 1);
  const double magnitude = std::ldexp(tables_->powers[remainder] * scale, octave);
  return negative(code) ? -magnitude : magnitude;
}

template <typename Container>
std::uint64_t LnsFormat::encode_all(std::span<const double> mantissas, int exponent, std::byte* codes) const {
  std::uint64_t clipped = 0;
  for (const double mantissa : mantissas) {
    const Encoded encoded = encode_scaled(std::signbit(mantissa), std::fabs(mantissa), exponent);
    clipped += encoded.clipped ? 1U : 0U;
    const auto value = static_cast<Container>(encoded.code);
    std::memcpy(codes, &value, sizeof(Container));
    codes += sizeof(Container);
  }
  return clipped;
}

std::uint64_t LnsFormat::encode_scaled(std::span<const double> mantissas, int exponent, std::byte* codes) const {
  return bits_ <= 8 ? encode_all<std::uint8_t>(mantissas, exponent, codes)
                    : encode_all<std::uint16_t>(mantissas, exponent, codes);
}

template <typename Container>
std::uint64_t LnsFormat::quantize_as(std::span<const double> x, double scale, std::byte* codes) const {
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double magnitude = std::fabs(x[i]) / scale;
    const auto bits = std::bit_cast<std::uint64_t>(magnitude);
    const auto biased = static_cast<std::int64_t>(bits >> 52);
    Encoded encoded;
    if (biased == 0 || biased == 0x7FF) {  // zero, infinity, NaN, or a quotient that lost bits
      encoded = encode(x[i], scale);
    } else {
      const std::int64_t raw =
          (biased - 1023) * gamma_ + tables_->rounder.round(bits & kBinary64Fraction) + max_exponent_;
      encoded = clamp(std::signbit(x[i]), raw);
    }
    clipped += encoded.clipped ? 1U : 0U;
    const auto value = static_cast<Container>(encoded.code);
    std::memcpy(codes + i * sizeof(Container), &value, sizeof(Container));
  }
  return clipped;
}

std::uint64_t LnsFormat::quantize(std::span<const double> x, double scale, std::byte* codes) const {
  check_scale(scale);
  return bits_ <= 8 ? quantize_as<std::uint8_t>(x, scale, codes) : quantize_as<std::uint16_t>(x, scale, codes);
}

std::shared_ptr<const LnsFormat> make_lns(unsigned bits, unsigned gamma, ZeroMode zero) {
  static std::mutex mutex;
  static std::map<std::tuple<unsigned, unsigned, ZeroMode>, std::shared_ptr<const LnsFormat>> formats;
  check(bits, gamma, zero);
  const std::lock_guard lock(mutex);
  auto& format = formats[{bits, gamma, zero}];
  if (!format) format = std::make_shared<const LnsFormat>(bits, gamma, zero);
  return format;
}

}  // namespace lnsim::numerics
