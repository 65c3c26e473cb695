// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/numerics/float_format.hpp"

namespace lnsim::numerics {

/// What became of a tensor.
struct QuantizeCounts {
  std::uint64_t clipped = 0;
  bool any_nan = false;  ///< the codes of NaNs are meaningless
};

/// The codes of x / scale for the leading elements, a multiple of the vector length, and how many those were: the
/// caller encodes the rest. Bit-identical to FloatFormat::encode. container_bytes: of one code, 1, 2 or 4.
/// Requires the default floating-point environment (round to nearest).
std::size_t float_quantize_vectors(const FloatLayout& layout, unsigned container_bytes, std::span<const double> x,
                                   double scale, std::byte* codes, QuantizeCounts& counts);

}  // namespace lnsim::numerics
