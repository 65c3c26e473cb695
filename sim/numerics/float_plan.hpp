// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/float_accumulator.hpp"
#include "sim/numerics/float_format.hpp"

namespace lnsim::numerics {

/// The static least significant bit of a fixed accumulator for floating-point products.
struct FixedGrid {
  int lam = 0;         ///< accumulator LSB is 2^lam
  int fraction = 0;    ///< F: the tree keeps so many bits below it
  bool floor = true;   ///< group sums lose their fraction by a floor, else to nearest even
  unsigned bits = 24;  ///< A
};

/// A checked DotSpec as the integers that the arithmetic needs.
struct FloatPlan {
  DotSpec spec;  ///< defaults filled in
  FloatLayout a;
  FloatLayout b;
  unsigned a_bytes = 1;  ///< container of one code
  unsigned b_bytes = 1;
  int bias_sum = 0;       ///< Bias = bias_a + bias_b
  int product_bits = 0;   ///< PW = M_a + M_b + 2
  int top_exponent = 0;   ///< every product is below 2^top_exponent
  int log2_elements = 0;  ///< ceil(log2 V)
  int scale_bits = 0;     ///< of the product of two block scales' significands; 0 where they are powers of two

  int window = 0;                  ///< W; float accumulators
  std::optional<FixedGrid> fixed;  ///< exactly one of fixed and floating is set
  std::optional<FloatAccumulate> floating;
  bool block_scaled = false;  ///< group sums are multiplied by the scales of their blocks; floating only
  bool chunked = false;       ///< if so, exactly one of the two below is set
  std::optional<unsigned> outer_fixed_bits;
  std::optional<FloatAccumulate> outer_floating;

  /// Bits of the magnitude of one product cut to the window or the tree: W, or A - 1 - G + F; at least 0.
  [[nodiscard]] int term_bits() const {
    return fixed ? std::max(0, top_exponent - fixed->lam + fixed->fraction) : window;
  }
  /// Bits of the magnitude of a group sum, S or T, times the significands of its scales.
  [[nodiscard]] int sum_bits() const { return term_bits() + log2_elements + scale_bits; }
  /// u: a window below products of exponent e_max ends with 2^u.
  [[nodiscard]] int last_bit_exponent(int max_exponent) const { return max_exponent - bias_sum + 2 - window; }
  /// Exponent of the last bit of the smallest product: 2 - Bias - M_a - M_b.
  [[nodiscard]] int least_product_exponent() const { return 4 - bias_sum - product_bits; }
};

/// Checks the spec and fills in its defaults; throws SpecError.
[[nodiscard]] FloatPlan make_float_plan(const DotSpec& spec);

}  // namespace lnsim::numerics
