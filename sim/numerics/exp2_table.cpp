// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/exp2_table.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace lnsim::numerics {
namespace {

constexpr unsigned kRoots = 20;
constexpr std::uint64_t kFractionMask = (std::uint64_t{1} << 52) - 1;

DoubleDouble quick_sum(double a, double b) {
  const double s = a + b;
  return {s, b - (s - a)};
}

DoubleDouble multiply(DoubleDouble a, DoubleDouble b) {
  const double p = a.hi * b.hi;
  const double error = std::fma(a.hi, b.hi, -p) + (a.hi * b.lo + a.lo * b.hi);
  return quick_sum(p, error);
}

/// One Newton step from the binary64 root doubles its bits.
DoubleDouble square_root(DoubleDouble a) {
  const double x = std::sqrt(a.hi);
  const double p = x * x;
  const double residual = ((a.hi - p) - std::fma(x, x, -p)) + a.lo;
  return quick_sum(x, residual / (2.0 * x));
}

/// roots[j] = 2^(2^-j).
std::array<DoubleDouble, kRoots + 1> make_roots() {
  std::array<DoubleDouble, kRoots + 1> roots;
  roots[0] = {2.0, 0.0};
  for (unsigned j = 1; j <= kRoots; ++j) roots[j] = square_root(roots[j - 1]);
  return roots;
}

}  // namespace

DoubleDouble exp2_fraction(std::uint32_t numerator, unsigned log2_denominator) {
  static const std::array<DoubleDouble, kRoots + 1> roots = make_roots();
  DoubleDouble product{1.0, 0.0};
  for (unsigned bit = 0; bit < log2_denominator; ++bit) {
    if ((numerator >> bit & 1U) != 0) product = multiply(product, roots[log2_denominator - bit]);
  }
  return product;
}

std::int64_t exp2_constant(std::uint32_t i, unsigned log2_entries, unsigned fraction_bits) {
  const DoubleDouble root = exp2_fraction(i, log2_entries);
  const double hi = std::ldexp(root.hi, static_cast<int>(fraction_bits));
  const double lo = std::ldexp(root.lo, static_cast<int>(fraction_bits));
  const double whole = std::floor(hi);
  return static_cast<std::int64_t>(whole) + static_cast<std::int64_t>(std::floor((hi - whole) + lo + 0.5));
}

Log2Rounder::Log2Rounder(unsigned gamma) {
  const auto log2_gamma = static_cast<unsigned>(std::countr_zero(gamma));
  bucket_shift_ = 52 - (log2_gamma + 1);
  buckets_.resize(std::size_t{2} * gamma, Bucket{std::numeric_limits<std::uint64_t>::max(), 0});
  for (unsigned i = 0; i < gamma; ++i) {
    const DoubleDouble root = exp2_fraction(2 * i + 1, log2_gamma + 1);
    const double above = root.lo > 0.0 ? std::nextafter(root.hi, 2.0) : root.hi;
    const std::uint64_t fraction = std::bit_cast<std::uint64_t>(above) & kFractionMask;
    buckets_[fraction >> bucket_shift_].threshold = fraction;
  }
  unsigned below = 0;
  for (Bucket& bucket : buckets_) {
    bucket.below = below;
    if (bucket.threshold <= kFractionMask) ++below;
  }
}

Exp2Tables::Exp2Tables(unsigned gamma) : rounder(gamma), powers(gamma) {
  for (unsigned i = 0; i < gamma; ++i) {
    powers[i] = exp2_fraction(i, static_cast<unsigned>(std::countr_zero(gamma))).hi;
  }
}

}  // namespace lnsim::numerics
