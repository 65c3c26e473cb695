// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requantizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/numerics/int.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/requantizer_int.hpp"
#include "sim/numerics/scale.hpp"

namespace lnsim::numerics {
namespace {

/// True if the result of the unit lies in a fixed accumulator.
bool has_fixed_result(const AccumulatorSpec& accumulator) {
  return accumulator.fixed.has_value() && !(accumulator.chunk && accumulator.outer_floating);
}

/// requantize() of many by that of one.
template <class One>
std::uint64_t requantize_each(const One& requantizer, std::span<const Psum> psums, unsigned container_bytes,
                              std::byte* codes) {
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < psums.size(); ++i) {
    const Encoded encoded = requantizer.requantize(psums[i]);
    clipped += encoded.clipped ? 1U : 0U;
    store_code(codes, i, container_bytes, encoded.code);
  }
  return clipped;
}

/// LNS output: the accumulator's integer times one constant, as a mantissa and an exponent that cannot overflow. The
/// constant carries a few roundings of binary64, so codes are exact unless the value lies within about 1e-15 of a
/// threshold; that case is decided the same way everywhere.
class LnsRequantizer final : public Requantizer {
 public:
  LnsRequantizer(const DotUnit& unit, std::shared_ptr<const LnsFormat> out, double scale_a, double scale_b,
                 double scale_out)
      : unit_(unit), out_(std::move(out)) {
    int exponent_a = 0;
    int exponent_b = 0;
    int exponent_out = 0;
    const double mantissa_a = std::frexp(scale_a, &exponent_a);
    const double mantissa_b = std::frexp(scale_b, &exponent_b);
    const double mantissa_out = std::frexp(scale_out, &exponent_out);
    const double octave = std::floor(unit.log2_unit());
    factor_ = mantissa_a * mantissa_b / mantissa_out * std::exp2(unit.log2_unit() - octave);
    exponent_ = exponent_a + exponent_b - exponent_out + static_cast<int>(octave);
    const AccumulatorSpec& accumulator = unit.spec().accumulator;
    // The result of an LNS unit is then an integer at one exponent.
    if (unit.spec().a->kind() == FormatKind::kLns && has_fixed_result(accumulator)) {
      result_ = accumulator.chunk ? &Psum::outer : &Psum::inner;
    }
  }

  [[nodiscard]] Encoded requantize(const Psum& psum) const override {
    const DotUnit::Exact value = unit_.exact(psum);
    const double magnitude = std::fabs(static_cast<double>(value.mantissa)) * factor_;
    return out_->encode_scaled(value.mantissa < 0, magnitude, value.exponent + exponent_);
  }

  std::uint64_t requantize(std::span<const Psum> psums, std::byte* codes) const override {
    if (result_ == nullptr) return requantize_each(*this, psums, out_->container_bytes(), codes);
    const int exponent = unit_.exact(Psum{}).exponent + exponent_;
    std::uint64_t clipped = 0;
    for (std::array<double, 64> scaled; !psums.empty();) {
      const std::size_t count = std::min(psums.size(), scaled.size());
      for (std::size_t i = 0; i < count; ++i) scaled[i] = static_cast<double>(psums[i].*result_) * factor_;
      clipped += out_->encode_scaled({scaled.data(), count}, exponent, codes);
      psums = psums.subspan(count);
      codes += count * out_->container_bytes();
    }
    return clipped;
  }

 private:
  const DotUnit& unit_;
  std::shared_ptr<const LnsFormat> out_;
  double factor_ = 1.0;
  int exponent_ = 0;
  std::int64_t Psum::*result_ = nullptr;  ///< where the result lies if it is fixed
};

/// INT to INT with a fixed result: the multiplier and shift of the hardware.
class IntRequantizer final : public Requantizer {
 public:
  IntRequantizer(const DotUnit& unit, std::shared_ptr<const IntFormat> out, double ratio)
      : unit_(unit), out_(std::move(out)), multiplier_(ratio) {}

  [[nodiscard]] Encoded requantize(const Psum& psum) const override {
    const std::int64_t rounded = multiplier_.apply(unit_.accumulator_integer(psum));
    const std::int64_t largest = out_->largest();
    const std::int64_t kept = std::clamp(rounded, -largest, largest);
    return {out_->code(static_cast<std::int32_t>(kept)), kept != rounded};
  }

  std::uint64_t requantize(std::span<const Psum> psums, std::byte* codes) const override {
    return requantize_each(*this, psums, out_->container_bytes(), codes);
  }

 private:
  const DotUnit& unit_;
  std::shared_ptr<const IntFormat> out_;
  IntMultiplier multiplier_;
};

/// Everything else: the quantiser's steps on the value, which binary64 holds exactly where the scales are powers of
/// two.
class ValueRequantizer final : public Requantizer {
 public:
  ValueRequantizer(const DotUnit& unit, FormatPtr out, double scale_a, double scale_b, double scale_out)
      : unit_(unit), out_(std::move(out)), scale_a_(scale_a), scale_b_(scale_b), scale_out_(scale_out) {}

  [[nodiscard]] Encoded requantize(const Psum& psum) const override {
    return out_->encode(unit_.value(psum, scale_a_, scale_b_), scale_out_);
  }

  std::uint64_t requantize(std::span<const Psum> psums, std::byte* codes) const override {
    return requantize_each(*this, psums, out_->container_bytes(), codes);
  }

 private:
  const DotUnit& unit_;
  FormatPtr out_;
  double scale_a_;
  double scale_b_;
  double scale_out_;
};

}  // namespace

IntMultiplier::IntMultiplier(double ratio) {
  if (!(ratio > 0.0) || std::isinf(ratio)) throw SpecError("the ratio of scales must be positive and finite");
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);  // ratio = mantissa * 2^exponent, mantissa in [1/2, 1)
  factor_ = static_cast<std::int64_t>(std::nearbyint(std::ldexp(mantissa, 16)));
  shift_ = 16 - exponent;
  if (factor_ == std::int64_t{1} << 16) {
    factor_ >>= 1;
    --shift_;
  }
}

std::int64_t IntMultiplier::apply(std::int64_t integer) const {
  const std::int64_t product = integer * factor_;  // 48 + 16 bits with the sign
  if (shift_ <= 0) {
    const int left = std::min(-shift_, 63);
    const std::int64_t limit = kLimit >> std::min(left, 62);
    if (product > limit) return kLimit;
    if (product < -limit) return -kLimit;
    return left > 62 ? 0 : product * (std::int64_t{1} << left);
  }
  if (shift_ > 63) return 0;
  const std::int64_t floor = shift_ == 63 ? product >> 63 : product >> shift_;
  const std::uint64_t rest = static_cast<std::uint64_t>(product) & ((std::uint64_t{1} << shift_) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift_ - 1);
  return floor + (rest > half || (rest == half && (floor & 1) != 0) ? 1 : 0);
}

std::unique_ptr<Requantizer> make_requantizer(const DotUnit& unit, FormatPtr out, double scale_a, double scale_b,
                                              double scale_out) {
  if (!out) throw SpecError("a requantizer needs an output format");
  check_scale(scale_a);
  check_scale(scale_b);
  check_scale(scale_out);
  if (auto lns = std::dynamic_pointer_cast<const LnsFormat>(out)) {
    return std::make_unique<LnsRequantizer>(unit, std::move(lns), scale_a, scale_b, scale_out);
  }
  const DotSpec& spec = unit.spec();
  auto integer = std::dynamic_pointer_cast<const IntFormat>(out);
  if (integer && spec.a->kind() == FormatKind::kInt && has_fixed_result(spec.accumulator)) {
    return std::make_unique<IntRequantizer>(unit, std::move(integer), scale_a * scale_b / scale_out);
  }
  return std::make_unique<ValueRequantizer>(unit, std::move(out), scale_a, scale_b, scale_out);
}

}  // namespace lnsim::numerics
