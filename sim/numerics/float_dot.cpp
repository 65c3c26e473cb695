// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_dot.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/numerics/float_kernel.hpp"
#include "sim/numerics/float_plan.hpp"

namespace lnsim::numerics {
namespace {

/// One exact product: (-1)^negative * significand * 2^(exponent - Bias - M_a - M_b).
struct Product {
  bool negative = false;
  int exponent = 0;               ///< e_j = f_a + f_b
  std::uint64_t significand = 0;  ///< p_j = n_a * n_b
};

/// floor(x * 2^shift) for any shift whose result fits.
std::uint64_t scaled_floor(std::uint64_t x, int shift) {
  if (x == 0 || shift <= -64) return 0;
  return shift >= 0 ? x << shift : x >> -shift;
}

std::int64_t with_sign(const Product& product, std::uint64_t magnitude) {
  const auto value = static_cast<std::int64_t>(magnitude);
  return product.negative ? -value : value;
}

/// acc = clamp(acc + d) to `bits` bits; true if clamped.
bool add_clamped(std::int64_t& acc, std::int64_t d, unsigned bits) {
  const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
  const std::int64_t low = -high - 1;
  // |acc| < 2^48 and |d| < 2^62: the sum cannot overflow.
  const std::int64_t sum = acc + d;
  acc = std::clamp(sum, low, high);
  return acc != sum;
}

/// T / 2^fraction, floor or nearest even.
std::int64_t drop_fraction(std::int64_t t, const FixedGrid& grid) {
  if (grid.fraction == 0) return t;
  if (grid.fraction > 63) {  // T is far below a half of the LSB
    return grid.floor && t < 0 ? -1 : 0;
  }
  const std::int64_t quotient = t >> grid.fraction;
  if (grid.floor) return quotient;
  const std::uint64_t rest = static_cast<std::uint64_t>(t) & ((std::uint64_t{1} << grid.fraction) - 1);
  const std::uint64_t half = std::uint64_t{1} << (grid.fraction - 1);
  const bool up = rest > half || (rest == half && (quotient & 1) != 0);
  return quotient + (up ? 1 : 0);
}

class FloatDotUnit final : public DotUnit {
 public:
  explicit FloatDotUnit(FloatPlan plan)
      : plan_(std::move(plan)),
        a_(dynamic_cast<const FloatFormat&>(*plan_.spec.a)),
        b_(dynamic_cast<const FloatFormat&>(*plan_.spec.b)),
        vectorised_(float_kernel_applies(plan_)) {}

  [[nodiscard]] const DotSpec& spec() const override { return plan_.spec; }

  std::uint64_t accumulate(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    if (!vectorised_) return accumulate_reference(block, psums, psum_stride);
    return float_kernel_accumulate(plan_, block, psums, psum_stride);
  }

  std::uint64_t accumulate_reference(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    std::uint64_t saturations = 0;
    std::vector<Product> products(block.elements);
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t lane = 0; lane < block.lanes; ++lane) {
        for (std::size_t j = 0; j < block.elements; ++j) {
          products[j] = multiply(load_code(block.a, lane * block.a_stride + j, plan_.a_bytes),
                                 load_code(block.b, row * block.b_stride + j, plan_.b_bytes));
        }
        Psum& psum = psums[row * psum_stride + lane];
        saturations += plan_.floating ? add_group_float(products, psum) : add_group_fixed(products, psum);
        if (plan_.chunked && block.chunk_end) saturations += end_chunk(psum);
      }
    }
    return saturations;
  }

  [[nodiscard]] std::int64_t accumulator_integer(const Psum& psum) const override {
    if (plan_.chunked) return plan_.outer_fixed_bits ? psum.outer : 0;
    return plan_.fixed ? psum.inner : 0;
  }

  [[nodiscard]] Exact exact(const Psum& psum) const override {
    if (plan_.chunked) {
      return plan_.outer_floating ? plan_.outer_floating->exact(psum.outer) : Exact{psum.outer, plan_.fixed->lam};
    }
    return plan_.floating ? plan_.floating->exact(psum.inner) : Exact{psum.inner, plan_.fixed->lam};
  }

  [[nodiscard]] unsigned psum_bits() const override {
    const unsigned inner = plan_.floating ? plan_.floating->bits() : plan_.fixed->bits;
    if (!plan_.chunked) return inner;
    return inner + (plan_.outer_floating ? plan_.outer_floating->bits() : *plan_.outer_fixed_bits);
  }

 private:
  [[nodiscard]] Product multiply(Code code_a, Code code_b) const {
    const FloatParts a = a_.parts(code_a);
    const FloatParts b = b_.parts(code_b);
    return {a.negative != b.negative, static_cast<int>(a.field + b.field),
            std::uint64_t{a.significand} * b.significand};
  }

  std::uint64_t add_group_float(const std::vector<Product>& products, Psum& psum) const {
    int max_exponent = 0;
    for (const Product& product : products) max_exponent = std::max(max_exponent, product.exponent);
    const int u = max_exponent - plan_.bias_sum + 2 - plan_.window;
    std::int64_t sum = 0;
    for (const Product& product : products) {
      const int shift = plan_.window - plan_.product_bits - (max_exponent - product.exponent);
      sum += with_sign(product, scaled_floor(product.significand, shift));
    }
    return plan_.floating->add(psum.inner, sum, u) ? 1 : 0;
  }

  std::uint64_t add_group_fixed(const std::vector<Product>& products, Psum& psum) const {
    const FixedGrid& grid = *plan_.fixed;
    std::int64_t sum = 0;
    for (const Product& product : products) {
      const int last_bit = product.exponent - plan_.bias_sum - (plan_.product_bits - 2);
      sum += with_sign(product, scaled_floor(product.significand, last_bit - (grid.lam - grid.fraction)));
    }
    return add_clamped(psum.inner, drop_fraction(sum, grid), grid.bits) ? 1 : 0;
  }

  std::uint64_t end_chunk(Psum& psum) const {
    bool saturated = false;
    if (plan_.outer_fixed_bits) {
      saturated = add_clamped(psum.outer, psum.inner, *plan_.outer_fixed_bits);
    } else {
      const Exact inner =
          plan_.floating ? plan_.floating->exact(psum.inner) : Exact{psum.inner, plan_.fixed->lam};
      saturated = plan_.outer_floating->add(psum.outer, inner.mantissa, inner.exponent);
    }
    psum.inner = 0;
    return saturated ? 1 : 0;
  }

  FloatPlan plan_;
  const FloatFormat& a_;
  const FloatFormat& b_;
  bool vectorised_;
};

}  // namespace

std::unique_ptr<DotUnit> make_float_dot_unit(const DotSpec& spec) {
  return std::make_unique<FloatDotUnit>(make_float_plan(spec));
}

}  // namespace lnsim::numerics
