// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/data/synthetic.hpp"
#include "sim/numerics/format.hpp"

namespace lnsim {

/// A quantised tensor: value of element i = scale * decode(code i), times the factor of its block where the format has
/// block scales.
struct CodeTensor {
  numerics::FormatPtr format;
  double scale = 1.0;
  std::vector<std::byte> codes;  ///< container_bytes() of the format for each element
  /// Formats with block scales: the code of the scale of each block, consecutive elements from the start on.
  std::vector<std::byte> block_scales;

  [[nodiscard]] std::uint64_t elements() const { return codes.size() / format->container_bytes(); }
  [[nodiscard]] numerics::Code code(std::uint64_t i) const {
    return numerics::load_code(codes.data(), i, format->container_bytes());
  }
  [[nodiscard]] double value(std::uint64_t i) const;
};

/// In blocks of consecutive elements; `format` has block scales. Throws CodeError for NaN and infinity.
[[nodiscard]] CodeTensor quantise_blocks(std::span<const double> values, numerics::FormatPtr format,
                                         double tensor_scale);

/// 0 for no values.
[[nodiscard]] double largest_magnitude(std::span<const double> values);

/// The format's usual scale of these values: that of their largest magnitude.
[[nodiscard]] double usual_scale(std::span<const double> values, const numerics::Format& format);

/// Throws CodeError for NaN.
[[nodiscard]] CodeTensor quantise(std::span<const double> values, numerics::FormatPtr format, double scale);
/// With the usual scale.
[[nodiscard]] CodeTensor quantise(std::span<const double> values, numerics::FormatPtr format);

/// The same for made values, in pieces: takes no memory but the codes.
[[nodiscard]] CodeTensor quantise(const SyntheticTensor& tensor, std::uint64_t elements, numerics::FormatPtr format);

/// A tensor of zeros (code 0 in every format but LNS with min_code, which has no zero).
[[nodiscard]] CodeTensor zeros(std::uint64_t elements, numerics::FormatPtr format, double scale);

}  // namespace lnsim
