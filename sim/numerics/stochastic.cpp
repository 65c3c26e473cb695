// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/stochastic.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/numerics/float_format.hpp"
#include "sim/numerics/int.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {
namespace {

/// The code of this sign whose magnitude is the next one outwards or inwards.
std::optional<Code> neighbour(const Format& format, Code code, bool negative, bool outwards) {
  const std::int64_t step = outwards ? 1 : -1;
  switch (format.kind()) {
    case FormatKind::kInt: {
      const auto& integers = dynamic_cast<const IntFormat&>(format);
      const std::int64_t magnitude = std::abs(std::int64_t{integers.integer(code)}) + step;
      if (magnitude < 0 || magnitude > integers.largest()) return std::nullopt;
      return integers.code(static_cast<std::int32_t>(negative ? -magnitude : magnitude));
    }
    case FormatKind::kLns: {
      const auto& lns = dynamic_cast<const LnsFormat&>(format);
      const std::int64_t exponent = lns.exponent(code) + step;
      if (exponent < 0 || exponent > lns.max_exponent()) return std::nullopt;
      const bool zero = exponent == 0 && lns.zero_mode() == ZeroMode::kZeroCode;
      return zero ? Code{0} : lns.code(negative, static_cast<std::int32_t>(exponent));
    }
    case FormatKind::kFloat: break;
  }
  const FloatLayout& layout = dynamic_cast<const FloatFormat&>(format).layout();
  const Code sign = Code{1} << (layout.exponent_bits + layout.mantissa_bits);
  const std::int64_t magnitude = static_cast<std::int64_t>(code & (sign - 1)) + step;
  if (magnitude < 0 || magnitude > static_cast<std::int64_t>(layout.largest_finite)) return std::nullopt;
  return static_cast<Code>(magnitude) | (negative ? sign : 0U);
}

}  // namespace

Encoded encode_stochastic(const Format& format, double x, double scale, std::uint16_t random) {
  const Encoded nearest = format.encode(x, scale);
  const double magnitude = std::fabs(x);
  const double rounded = std::fabs(format.decode(nearest.code, scale));
  if (nearest.clipped || rounded == magnitude) return nearest;
  const std::optional<Code> other = neighbour(format, nearest.code, std::signbit(x), rounded < magnitude);
  if (!other) return nearest;
  const double beyond = std::fabs(format.decode(*other, scale));
  const double below = std::min(rounded, beyond);
  const double above = std::max(rounded, beyond);
  const bool up = (random + 0.5) / (1U << kStochasticBits) < (magnitude - below) / (above - below);
  return up == (rounded > beyond) ? nearest : Encoded{*other, false};
}

}  // namespace lnsim::numerics
