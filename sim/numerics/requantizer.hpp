// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// The rounding of the post-processing unit: an accumulator's exact value becomes a code of the output format.
/// To LNS: the quantiser's thresholds on the accumulator's integer times one binary64 constant, hence the exact code
/// unless the value lies within about 1e-15 of a threshold, and the same code on every machine. INT to INT with a fixed
/// result: the 16-bit multiplier and shift. Everything else: the quantiser's steps on the exact value.
class Requantizer {
 public:
  virtual ~Requantizer() = default;
  [[nodiscard]] virtual Encoded requantize(const Psum& psum) const = 0;
  /// The same for each of `psums`, to codes in containers of the output format; returns how many were clipped.
  virtual std::uint64_t requantize(std::span<const Psum> psums, std::byte* codes) const = 0;
};

/// scale_out > 0 is the scale of the produced codes. The unit must outlive the requantizer.
[[nodiscard]] std::unique_ptr<Requantizer> make_requantizer(const DotUnit& unit, FormatPtr out, double scale_a,
                                                            double scale_b, double scale_out);

}  // namespace lnsim::numerics
