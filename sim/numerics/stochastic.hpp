// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/numerics/format.hpp"

namespace lnsim::numerics {

/// Random bits that decide one rounding, in the hardware and here.
inline constexpr unsigned kStochasticBits = 16;

/// Rounds |x| / scale to the number of the format below or above it, at random so that the mean is the number itself:
/// above where (random + 1/2) / 2^16 < (|x| - below) / (above - below), all in binary64. Numbers of the format, and
/// magnitudes beyond its ends, are encoded as by encode(). After Gupta et al., Deep Learning with Limited Numerical
/// Precision, ICML 2015. Throws CodeError for NaN.
[[nodiscard]] Encoded encode_stochastic(const Format& format, double x, double scale, std::uint16_t random);

}  // namespace lnsim::numerics
