// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/float_dot.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/numerics/float_kernel.hpp"
#include "sim/numerics/float_plan.hpp"
#include "sim/numerics/float_update.hpp"

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

class FloatDotUnit final : public DotUnit {
 public:
  explicit FloatDotUnit(FloatPlan plan)
      : plan_(std::move(plan)),
        a_(dynamic_cast<const FloatFormat&>(*plan_.spec.a)),
        b_(dynamic_cast<const FloatFormat&>(*plan_.spec.b)) {}

  [[nodiscard]] const DotSpec& spec() const override { return plan_.spec; }

  std::uint64_t accumulate(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
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
        int max_exponent = 0;
        for (const Product& product : products) max_exponent = std::max(max_exponent, product.exponent);
        const std::int64_t sum = plan_.floating ? window_sum(products, max_exponent) : tree_sum(products);
        const ScaleProduct scale =
            plan_.block_scaled ? ScaleProduct(block.a_scales[lane], block.b_scales[row]) : ScaleProduct();
        if (add_group_sum(plan_, sum, max_exponent, scale, psum)) ++saturations;
        if (plan_.chunked && block.chunk_end && end_chunk(plan_, psum)) ++saturations;
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

  /// S: the products cut to a window of W bits below the largest exponent.
  [[nodiscard]] std::int64_t window_sum(const std::vector<Product>& products, int max_exponent) const {
    std::int64_t sum = 0;
    for (const Product& product : products) {
      const int shift = plan_.window - plan_.product_bits - (max_exponent - product.exponent);
      sum += with_sign(product, scaled_floor(product.significand, shift));
    }
    return sum;
  }

  /// T: the products cut to the last bit of the tree, 2^(lam - F).
  [[nodiscard]] std::int64_t tree_sum(const std::vector<Product>& products) const {
    const int tree_exponent = plan_.fixed->lam - plan_.fixed->fraction;
    std::int64_t sum = 0;
    for (const Product& product : products) {
      const int last_bit = product.exponent - plan_.bias_sum - (plan_.product_bits - 2);
      sum += with_sign(product, scaled_floor(product.significand, last_bit - tree_exponent));
    }
    return sum;
  }

  FloatPlan plan_;
  const FloatFormat& a_;
  const FloatFormat& b_;
};

}  // namespace

std::unique_ptr<DotUnit> make_float_dot_unit(const DotSpec& spec) {
  return std::make_unique<FloatDotUnit>(make_float_plan(spec));
}

}  // namespace lnsim::numerics
