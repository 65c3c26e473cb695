// SPDX-License-Identifier: Apache-2.0
// The vector kernels on block-scaled operands against the unit in the order of the definitions (BlockDotUnit), on every
// instruction set of the machine.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <memory>

#include "sim/numerics/block_dot.hpp"
#include "tests/unit/numerics/random_dots.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

BlockFormatPtr random_block_format(Random& random) {
  const auto& named = named_block_formats();
  const auto pick = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(named.size()) + 1));
  if (pick < named.size()) return named[pick];
  const auto bits = static_cast<unsigned>(random.between(3, 8));
  return make_block_lns(bits, 1U << static_cast<unsigned>(random.between(0, std::min<unsigned>(bits - 1, 4))),
                        static_cast<unsigned>(random.between(1, 6)));
}

/// Of the same kind: MX with FP elements may differ.
BlockFormatPtr random_partner(Random& random, const BlockFormatPtr& format) {
  if (format->scale() != BlockScale::kE8M0 || format->element().kind() != FormatKind::kFloat) return format;
  return named_block_formats()[static_cast<std::size_t>(random.between(0, 4))];
}

FloatAccumulator random_float_accumulator(Random& random) {
  if (random.chance(50)) return {};
  return {static_cast<unsigned>(random.between(5, 8)), static_cast<unsigned>(random.between(3, 23)),
          random.chance(50) ? Rounding::kNearestEven : Rounding::kTowardZero, std::nullopt};
}

DotSpec random_block_spec(Random& random) {
  const BlockFormatPtr a = random_block_format(random);
  const BlockFormatPtr b = random_partner(random, a);
  DotSpec spec;
  spec.a = block_scaled(a);
  spec.b = block_scaled(b);
  spec.vector_size = random.chance(20) ? 2 * a->block() : 1U << static_cast<unsigned>(random.between(0, 4));
  if (random.chance(40)) spec.vector_size = a->block();
  if (a->scale() == BlockScale::kOctaves) {
    const unsigned bits = a->element().bits();
    spec.conversion.structure = random.chance(50) ? LnsStructure::kPerElement : LnsStructure::kBinTrees;
    spec.conversion.lut_entries = 1;
    spec.conversion.fraction_bits = static_cast<unsigned>(random.between(0, bits + 8));
    if (random.chance(50)) spec.tree_fraction_bits = static_cast<unsigned>(random.between(0, 8));
    spec.accumulator.fixed =
        FixedAccumulator{static_cast<unsigned>(random.between(12, 40)), static_cast<unsigned>(random.between(0, 8)),
                         random.chance(50) ? Rounding::kFloor : Rounding::kNearestEven};
  } else {
    spec.accumulator.floating = random_float_accumulator(random);
    if (a->element().kind() == FormatKind::kFloat && random.chance(50)) {
      spec.window = static_cast<unsigned>(random.between(4, 44));  // up to sums beyond binary64
    }
  }
  if (random.chance(40)) {
    spec.accumulator.chunk = std::uint64_t{spec.vector_size} * static_cast<std::uint64_t>(random.between(1, 4));
    if (spec.accumulator.floating && random.chance(50)) {
      spec.accumulator.outer_floating = random_float_accumulator(random);
    }
  }
  return spec;
}

/// Codes of rows along K and their scales, as gemm() and as BlockDotUnit read them.
struct ScaledRows {
  ScaledRows(Random& random, const BlockFormat& format, std::size_t row_count, std::size_t length)
      : rows(row_count), k(length), blocks((length + format.block() - 1) / format.block()) {
    const bool small = random.chance(30);
    while (codes.size() < rows * k) {
      const auto code = static_cast<Code>(random.between(0, (std::int64_t{1} << format.element().bits()) - 1));
      if (!format.element().valid(code) || (small && code % 4 != 0)) continue;
      codes.push_back(code);
    }
    bytes.resize(rows * k * format.element().container_bytes());
    for (std::size_t i = 0; i < rows * k; ++i) {
      store_code(bytes.data(), i, format.element().container_bytes(), codes[i]);
    }
    // Close to each other mostly; now and then anything, so that sums vanish and saturate.
    const auto most = static_cast<std::int64_t>((1U << format.scale_bits()) - 1U);
    const std::int64_t middle = random.between(0, most);
    while (scales.size() < rows * blocks) {
      const std::int64_t code = random.chance(5) ? random.between(0, most) : middle + random.between(-6, 6);
      if (code >= 0 && code <= most && format.valid_scale(static_cast<Code>(code))) {
        scales.push_back(static_cast<Code>(code));
      } else if (!random.chance(90)) {
        scales.push_back(1);
      }
    }
    factors.resize(scales.size());
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t block = 0; block < blocks; ++block) {
        factors[block * rows + row] = format.factor(scales[row * blocks + block]);
      }
    }
  }
  [[nodiscard]] BlockOperand row(std::size_t i) const {
    return {std::span(codes).subspan(i * k, k), std::span(scales).subspan(i * blocks, blocks)};
  }

  std::size_t rows, k, blocks;
  std::vector<std::byte> bytes;
  std::vector<Code> codes, scales;
  std::vector<double> factors;
};

}  // namespace

TEST_CASE("kernels on block-scaled operands are the unit of the definitions, bit by bit") {
  const TargetGuard guard;
  const std::vector<std::string> targets = supported_simd_targets();
  Random random(20261128);
  int drawn = 0;
  std::uint64_t saturated = 0;
  for (int i = 0; i < 1500; ++i) {
    const DotSpec spec = random_block_spec(random);
    std::unique_ptr<DotUnit> unit;
    std::unique_ptr<BlockDotUnit> definition;
    try {
      unit = make_dot_unit(spec);
      definition = make_block_dot_unit(block_dot_spec(spec));
    } catch (const SpecError&) {
      continue;  // too wide; both refuse (tested below)
    }
    ++drawn;
    const auto m = static_cast<std::size_t>(random.between(1, 40));
    const auto n = static_cast<std::size_t>(random.between(1, 5));
    const auto k = static_cast<std::size_t>(random.between(1, 150));
    const ScaledRows a(random, *spec.a->block(), m, k);
    const ScaledRows b(random, *spec.b->block(), n, k);
    std::vector<Psum> expected(m * n);
    std::uint64_t saturations = 0;
    for (std::size_t row = 0; row < n; ++row) {
      for (std::size_t lane = 0; lane < m; ++lane) {
        saturations += definition->dot(a.row(lane), b.row(row), expected[row * m + lane]);
      }
    }
    saturated += saturations > 0 ? 1U : 0U;
    INFO("draw " << i << ": " << describe(spec) << " m " << m << " n " << n << " k " << k);
    std::vector<Psum> found(m * n);
    const GemmOperand left(a.bytes.data(), a.factors.data());
    const GemmOperand right(b.bytes.data(), b.factors.data());
    REQUIRE(gemm(*unit, left, right, m, n, k, found.data(), true) == saturations);
    REQUIRE(found == expected);
    for (const std::string& target : targets) {
      force_simd_target(target);
      INFO(target);
      REQUIRE(gemm(*unit, left, right, m, n, k, found.data()) == saturations);
      REQUIRE(found == expected);
    }
    const Psum& some = expected.front();
    CHECK(unit->value(some, 0.75, 1.5) == definition->value(some, 0.75, 1.5));
    CHECK(unit->psum_bits() == definition->psum_bits());
  }
  CHECK(drawn > 1000);
  CHECK(saturated > 50);
}

TEST_CASE("many elements are quantised block by block") {
  Random random(7);
  std::vector<BlockFormatPtr> formats = named_block_formats();
  formats.push_back(make_block_lns(6, 8, 4));
  for (const BlockFormatPtr& format : formats) {
    INFO(format->name());
    std::vector<double> x(10 * format->block() + 3);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double octave = static_cast<double>(random.between(-12, 0));
      x[i] = i / format->block() == 4 ? 0.0 : (random.real() - 0.5) * std::exp2(octave);
    }
    const double tensor_scale = format->usual_tensor_scale(0.5);
    std::vector<std::byte> scales(11), codes(x.size() * format->element().container_bytes());
    const std::uint64_t clipped = format->quantize_blocks(x, tensor_scale, scales.data(), codes.data());
    std::uint64_t expected_clipped = 0;
    for (std::size_t first = 0; first < x.size(); first += format->block()) {
      const std::size_t count = std::min<std::size_t>(format->block(), x.size() - first);
      Code scale = 0;
      std::vector<Code> expected(count);
      expected_clipped += format->quantize(std::span(x).subspan(first, count), tensor_scale, scale, expected);
      REQUIRE(static_cast<Code>(scales[first / format->block()]) == scale);
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(load_code(codes.data(), first + i, format->element().container_bytes()) == expected[i]);
      }
    }
    CHECK(clipped == expected_clipped);
    x[5] = std::nan("");
    CHECK_THROWS_AS(format->quantize_blocks(x, tensor_scale, scales.data(), codes.data()), CodeError);
    x[5] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(format->quantize_blocks(x, tensor_scale, scales.data(), codes.data()), CodeError);
  }
}

TEST_CASE("factors are those of every scale, with the element's own power of two") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    const std::vector<double> factors = format->factors();
    REQUIRE(factors.size() == 256);
    for (Code code = 0; code < 256; ++code) {
      const double expected =
          format->valid_scale(code) ? std::ldexp(format->scale_value(code), format->element_exponent()) : 0.0;
      REQUIRE(factors[code] == expected);
    }
  }
}
