// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/dot_unit.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "sim/numerics/block_dot.hpp"
#include "sim/numerics/float_dot.hpp"
#include "sim/numerics/int_dot.hpp"
#include "sim/numerics/lns_dot.hpp"

namespace lnsim::numerics {
namespace {

/// Outputs of one block of gemm(): a few kilobytes of psums and operands, so that all K groups of a block find them in
/// the first-level cache.
constexpr std::size_t kBlockLanes = 32;
constexpr std::size_t kBlockRows = 64;

/// All K groups of one block of outputs; block.a_scales and b_scales are those of the first block along K, the next
/// ones lie m and n behind.
std::uint64_t gemm_block(const DotUnit& unit, GroupBlock block, std::size_t m, std::size_t n, std::size_t k, Psum* out,
                         bool reference) {
  const std::size_t bytes_a = unit.spec().a->container_bytes();
  const std::size_t bytes_b = unit.spec().b->container_bytes();
  const std::uint64_t chunk = unit.spec().accumulator.chunk.value_or(0);
  const std::size_t scaled = unit.spec().a->block() ? unit.spec().a->block()->block() : 0;
  const std::size_t step =
      scaled == 0 ? unit.spec().vector_size : std::min<std::size_t>(unit.spec().vector_size, scaled);
  std::uint64_t saturations = 0;
  for (std::size_t first = 0; first < k;) {
    block.elements = static_cast<unsigned>(std::min(step, k - first));
    first += block.elements;
    block.chunk_end = first == k || (chunk != 0 && first % chunk == 0);
    saturations += reference ? unit.accumulate_reference(block, out, m) : unit.accumulate(block, out, m);
    block.a += block.elements * bytes_a;
    block.b += block.elements * bytes_b;
    if (scaled != 0 && first % scaled == 0) {
      block.a_scales += m;
      block.b_scales += n;
    }
  }
  return saturations;
}

std::unique_ptr<DotUnit> make_unit(const DotSpec& spec) {
  switch (spec.a->kind()) {
    case FormatKind::kLns: return make_lns_dot_unit(spec);
    case FormatKind::kInt: return make_int_dot_unit(spec);
    case FormatKind::kFloat: return make_float_dot_unit(spec);
  }
  throw SpecError("unknown kind of operand");
}

}  // namespace

DotUnit::Values::Values(double log2_unit, double scale_a, double scale_b)
    : scale_a_(scale_a),
      scale_b_(scale_b),
      fraction_(std::exp2(log2_unit - std::floor(log2_unit))),
      octave_(static_cast<int>(std::floor(log2_unit))) {}

double DotUnit::Values::of(const Exact& number) const {
  const double scaled = static_cast<double>(number.mantissa) * scale_a_ * scale_b_ * fraction_;
  const int exponent = number.exponent + octave_;
  // A power of two within the normal numbers is one multiplication, and as exact.
  constexpr int kBias = 1023;
  const double magnitude = std::fabs(scaled);
  constexpr int kFar = 700;
  if (std::abs(exponent) < kFar && magnitude < 0x1p200 && (magnitude > 0x1p-200 || scaled == 0.0)) {
    return scaled * std::bit_cast<double>(static_cast<std::uint64_t>(exponent + kBias) << 52U);
  }
  return std::ldexp(scaled, exponent);
}

std::unique_ptr<DotUnit> make_dot_unit(const DotSpec& spec) {
  if (!spec.a || !spec.b) throw SpecError("a dot-product unit needs two operand formats");
  if (spec.a->kind() != spec.b->kind()) {
    throw SpecError("operands " + spec.a->name() + " and " + spec.b->name() + " are of different kinds");
  }
  if (spec.a->block() || spec.b->block()) {
    // The reference checks what is special about block scales, and fills in its window.
    DotSpec checked = spec;
    checked.window = make_block_dot_unit(block_dot_spec(spec))->spec().window;
    return make_unit(checked);
  }
  return make_unit(spec);
}

std::uint64_t gemm(const DotUnit& unit, GemmOperand a, GemmOperand b, std::size_t m, std::size_t n, std::size_t k,
                   Psum* out, bool reference) {
  const std::size_t row_bytes_a = k * unit.spec().a->container_bytes();
  const std::size_t row_bytes_b = k * unit.spec().b->container_bytes();
  std::fill(out, out + m * n, Psum{});
  std::uint64_t saturations = 0;
  for (std::size_t row = 0; row < n; row += kBlockRows) {
    for (std::size_t lane = 0; lane < m; lane += kBlockLanes) {
      GroupBlock block;
      block.a = a.codes + lane * row_bytes_a;
      block.b = b.codes + row * row_bytes_b;
      block.a_stride = k;
      block.b_stride = k;
      block.lanes = static_cast<unsigned>(std::min(kBlockLanes, m - lane));
      block.rows = static_cast<unsigned>(std::min(kBlockRows, n - row));
      if (a.scales != nullptr) {
        block.a_scales = a.scales + lane;
        block.b_scales = b.scales + row;
      }
      saturations += gemm_block(unit, block, m, n, k, out + row * m + lane, reference);
    }
  }
  return saturations;
}

}  // namespace lnsim::numerics
