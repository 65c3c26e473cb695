// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/int.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "sim/numerics/scale.hpp"

namespace lnsim::numerics {
namespace {

/// The nearest even integer of y within +-(largest + 1): what lies beyond stays beyond. Adding 1.5 * 2^52 leaves no
/// fraction bits, so the addition itself rounds.
double round_near(double y, double largest) {
  constexpr double kShifter = 6755399441055744.0;
  const double bounded = std::min(std::max(y, -largest - 1.0), largest + 1.0);
  return (bounded + kShifter) - kShifter;
}

/// One pass without branches; returns the number of clipped elements. NaN shows as a sum that is not a number.
template <typename Container>
std::uint64_t quantize_as(std::span<const double> x, double scale, double largest, unsigned bits, std::byte* codes) {
  const std::uint32_t mask = (1U << bits) - 1;
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) throw CodeError("NaN cannot be quantised");
    const double rounded = round_near(x[i] / scale, largest);
    clipped += std::fabs(rounded) > largest ? 1U : 0U;
    const double kept = std::min(std::max(rounded, -largest), largest);
    const auto code = static_cast<Container>(static_cast<std::uint32_t>(static_cast<std::int32_t>(kept)) & mask);
    std::memcpy(codes + i * sizeof(Container), &code, sizeof(Container));
  }
  return clipped;
}

}  // namespace

IntFormat::IntFormat(unsigned bits) : bits_(bits) {
  if (bits < kMinBits || bits > kMaxBits) throw SpecError("int" + std::to_string(bits) + ": expected int2 to int16");
}

Encoded IntFormat::encode(double x, double scale) const {
  check_scale(scale);
  if (std::isnan(x)) throw CodeError("NaN cannot be quantised");
  const double rounded = round_near(x / scale, largest());
  const double kept = std::min(std::max(rounded, -static_cast<double>(largest())), static_cast<double>(largest()));
  return {code(static_cast<std::int32_t>(kept)), std::fabs(rounded) > largest()};
}

double IntFormat::decode(Code code, double scale) const {
  if (!valid(code)) throw CodeError("code " + std::to_string(code) + " does not fit " + name());
  return scale * integer(code);
}

double IntFormat::usual_scale(double max_abs) const {
  const double scale = max_abs / largest();
  return scale > 0.0 ? scale : 1.0;
}

std::uint64_t IntFormat::quantize(std::span<const double> x, double scale, std::byte* codes) const {
  check_scale(scale);
  return bits_ <= 8 ? quantize_as<std::uint8_t>(x, scale, largest(), bits_, codes)
                    : quantize_as<std::uint16_t>(x, scale, largest(), bits_, codes);
}

}  // namespace lnsim::numerics
