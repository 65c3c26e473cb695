// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/float_accumulator.hpp"

namespace lnsim::numerics {

/// Two's complement range of a fixed accumulator of `bits` bits.
struct FixedRange {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;

  /// Throws SpecError unless 2 <= bits <= 62.
  explicit FixedRange(unsigned bits);

  /// acc = clamp(acc + d), the sum at full width (|d| <= 2^62 - 1). True if the clamp changed it.
  bool add(std::int64_t& acc, std::int64_t d) const {
    const std::int64_t sum = acc + d;
    acc = sum < lowest ? lowest : sum > highest ? highest : sum;
    return acc != sum;
  }
};

/// The inner and, if sums are chunked, outer accumulator of a unit: what its AccumulatorSpec means, checked, with the
/// defaults filled in. Inner and outer fixed accumulators share one LSB, 2^lsb.
///
/// Source: chunked accumulation after Wang et al., NeurIPS 2018, and Sakr et al., ICLR 2019: the inner accumulator
/// starts every chunk at zero and its value is added, exactly and with one rounding, to the outer one.
class ChunkedAccumulator {
 public:
  /// Throws SpecError: not exactly one inner kind, an outer one without chunks, a chunk that is no multiple of
  /// vector_size, a fixed outer one on a float inner one, a guard on an outer one.
  ChunkedAccumulator(const AccumulatorSpec& spec, unsigned vector_size, int lsb);

  [[nodiscard]] bool inner_fixed() const { return inner_fixed_.has_value(); }
  [[nodiscard]] bool chunked() const { return chunked_; }

  /// Fixed inner accumulator: adds d LSBs. True if it saturated.
  bool add_fixed(Psum& psum, std::int64_t d) const { return inner_fixed_->add(psum.inner, d); }
  /// Float inner accumulator: adds s * 2^u exactly, one rounding. True if it saturated.
  bool add_float(Psum& psum, std::int64_t s, int u) const { return inner_float_->add(psum.inner, s, u); }
  /// End of a chunk: the inner value moves to the outer accumulator and the inner one becomes zero. Does nothing
  /// without chunks. True if the outer one saturated.
  bool end_chunk(Psum& psum) const;

  /// The result's exact value: of the outer accumulator if there is one.
  [[nodiscard]] DotUnit::Exact exact(const Psum& psum) const;
  /// The result's integer if its accumulator is fixed, else 0.
  [[nodiscard]] std::int64_t integer(const Psum& psum) const;
  /// True if the accumulator that holds the result is fixed.
  [[nodiscard]] bool result_fixed() const { return chunked_ ? outer_fixed_.has_value() : inner_fixed(); }
  /// Bits of the stored state: inner and outer.
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] const std::optional<FixedRange>& fixed_range() const { return inner_fixed_; }

 private:
  int lsb_;
  bool chunked_ = false;
  unsigned bits_ = 0;
  std::optional<FixedRange> inner_fixed_;
  std::optional<FloatAccumulate> inner_float_;
  std::optional<FixedRange> outer_fixed_;
  std::optional<FloatAccumulate> outer_float_;
};

}  // namespace lnsim::numerics
