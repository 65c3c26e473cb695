// SPDX-License-Identifier: Apache-2.0
// Block-scaled formats, exhaustively; golden values are in tests/golden/numerics/block.json.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/numerics/block_dot.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {
namespace {

/// (1, E, M) of an FP element.
struct Fields {
  int exponent, mantissa, bias;
};

Fields fields_of(const std::string& name) {
  if (name == "mxfp8_e4m3") return {4, 3, 7};
  if (name == "mxfp8_e5m2") return {5, 2, 15};
  if (name == "mxfp6_e2m3") return {2, 3, 1};
  if (name == "mxfp6_e3m2") return {3, 2, 3};
  return {2, 1, 1};
}

double fp_value(const Fields& f, Code code) {
  const int field = static_cast<int>(code >> f.mantissa) & ((1 << f.exponent) - 1);
  const auto fraction = static_cast<double>(code & ((1U << f.mantissa) - 1U));
  const double significand = field > 0 ? fraction + std::ldexp(1.0, f.mantissa) : fraction;
  const double magnitude = std::ldexp(significand, std::max(field, 1) - f.bias - f.mantissa);
  return (code >> (f.exponent + f.mantissa)) != 0 ? -magnitude : magnitude;
}

/// The value of an element alone, by the tables of OCP.
double element_value(const BlockFormat& format, Code code) {
  if (format.name() == "mxint8") return static_cast<double>(static_cast<std::int8_t>(code)) / 64.0;
  return fp_value(fields_of(format.name()), code);
}

double scale_value(const BlockFormat& format, Code code) {
  if (format.scale() == BlockScale::kE4M3) return fp_value({4, 3, 7}, code);
  return std::ldexp(1.0, static_cast<int>(code) - 127);
}

bool is_number(const BlockFormat& format, Code code) {
  if (format.name() == "mxfp8_e4m3") return (code & 0x7FU) != 0x7FU;
  if (format.name() == "mxfp8_e5m2") return ((code >> 2U) & 31U) != 31U;
  return true;
}

BlockDotSpec fp32_unit(const BlockFormatPtr& a, const BlockFormatPtr& b, unsigned vector_size) {
  BlockDotSpec spec;
  spec.a = a;
  spec.b = b;
  spec.vector_size = vector_size;
  spec.accumulator.floating = FloatAccumulator{};
  return spec;
}

}  // namespace

TEST_CASE("every element under every scale decodes as the tables say") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    INFO(format->name());
    const Code elements = Code{1} << format->element().bits();
    for (Code scale = 0; scale < 256; ++scale) {
      if (!format->valid_scale(scale)) {
        REQUIRE_THROWS_AS(format->decode(scale, 0, 1.0), CodeError);
        continue;
      }
      for (Code code = 0; code < elements; ++code) {
        if (!is_number(*format, code)) {
          REQUIRE_THROWS_AS(format->decode(scale, code, 1.0), CodeError);
          continue;
        }
        REQUIRE(format->decode(scale, code, 1.0) == scale_value(*format, scale) * element_value(*format, code));
      }
    }
  }
}

TEST_CASE("OCP's scales: 127 is 1, 0 the least, 254 the largest, 255 no number") {
  const BlockFormatPtr format = find_block_format("mxfp4_e2m1");
  CHECK(format->scale_value(127) == 1.0);
  CHECK(format->scale_value(0) == std::ldexp(1.0, -127));
  CHECK(format->scale_value(254) == std::ldexp(1.0, 127));
  CHECK(!format->valid_scale(255));
  CHECK_THROWS_AS(format->scale_value(255), CodeError);
  const BlockFormatPtr nvfp4 = find_block_format("nvfp4");
  CHECK(nvfp4->scale_value(0x7E) == 448.0);
  CHECK(!nvfp4->valid_scale(0x7F));  // NaN
  CHECK(!nvfp4->valid_scale(0x80));  // the sign is not used
}

TEST_CASE("NaN and infinity are not quantised") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
      Code scale = 0;
      std::vector<Code> codes(2);
      CHECK_THROWS_AS(format->quantize(std::vector<double>{1.0, bad}, 1.0, scale, codes), CodeError);
    }
  }
}

TEST_CASE("every code comes back from its value, beside one that sets the block's scale") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    INFO(format->name());
    const Code elements = Code{1} << format->element().bits();
    // The largest element: what is next to it has the same scale.
    Code largest = 0;
    for (Code code = 0; code < elements; ++code) {
      const bool larger = is_number(*format, code) && element_value(*format, code) > element_value(*format, largest);
      if (larger && code < elements / 2) largest = code;
    }
    for (const Code scale : {Code{127}, Code{64}, Code{1}, Code{120}}) {
      if (!format->valid_scale(scale)) continue;
      for (Code code = 0; code < elements; ++code) {
        if (!is_number(*format, code) || (format->name() == "mxint8" && code == 128)) continue;
        const std::vector<double> x = {format->decode(scale, code, 1.0), format->decode(scale, largest, 1.0)};
        Code found = 0;
        std::vector<Code> codes(2);
        REQUIRE(format->quantize(x, 1.0, found, codes) == 0);
        REQUIRE(found == scale);
        REQUIRE(codes[0] == code);
        REQUIRE(codes[1] == largest);
      }
    }
  }
}

TEST_CASE("a block of zeros has zeros, whatever the tensor") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    Code scale = 7;
    std::vector<Code> codes(3, 1);
    CHECK(format->quantize(std::vector<double>(3, 0.0), 1.0, scale, codes) == 0);
    CHECK(scale == 0);
    for (const Code code : codes) CHECK(format->decode(scale, code, 1.0) == 0.0);
  }
}

TEST_CASE("the scale keeps the block's largest magnitude within the element's octaves") {
  const BlockFormatPtr format = find_block_format("mxfp4_e2m1");
  CHECK(format->scale_of(1.0, 1.0) == 125);  // 1 = 4 * 2^-2
  CHECK(format->scale_of(7.9, 1.0) == 127);  // beyond 6: saturates
  CHECK(format->scale_of(8.0, 1.0) == 128);
  CHECK(format->scale_of(5e-324, 1.0) == 0);  // below the least scale
  CHECK(format->scale_of(1e308, 1.0) == 254);
  Code scale = 0;
  std::vector<Code> codes(1);
  CHECK(format->quantize(std::vector<double>{7.9}, 1.0, scale, codes) == 1);
  CHECK(format->decode(scale, codes[0], 1.0) == 6.0);
}

TEST_CASE("products of all pairs of elements are exact") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    INFO(format->name());
    const auto unit = make_block_dot_unit(fp32_unit(format, format, 1));
    const Code elements = Code{1} << format->element().bits();
    const Code scale_a = format->scale() == BlockScale::kE4M3 ? 0x3B : 130;
    const Code scale_b = format->scale() == BlockScale::kE4M3 ? 0x45 : 119;
    const double scale = scale_value(*format, scale_a) * scale_value(*format, scale_b);
    for (Code a = 0; a < elements; ++a) {
      for (Code b = 0; b < elements; ++b) {
        if (!is_number(*format, a) || !is_number(*format, b)) continue;
        Psum psum;
        const BlockOperand left{std::span(&a, 1), std::span(&scale_a, 1)};
        const BlockOperand right{std::span(&b, 1), std::span(&scale_b, 1)};
        REQUIRE(unit->dot(left, right, psum) == 0);
        REQUIRE(unit->value(psum, 1.0, 1.0) == scale * element_value(*format, a) * element_value(*format, b));
      }
    }
  }
}

TEST_CASE("a block LNS product is the plain one, as many octaves lower as the offsets say") {
  const BlockFormatPtr format = make_block_lns(6, 8, 3);
  BlockDotSpec spec;
  spec.a = spec.b = format;
  spec.vector_size = 1;
  spec.tree_exact = true;
  spec.accumulator.fixed = FixedAccumulator{32, 2, Rounding::kFloor};
  const auto unit = make_block_dot_unit(spec);
  DotSpec plain;
  plain.a = plain.b = format->element_ptr();
  plain.vector_size = 1;
  plain.tree_exact = true;
  plain.accumulator.fixed = spec.accumulator.fixed;
  const auto reference = make_dot_unit(plain);
  for (Code a = 0; a < 64; ++a) {
    for (Code b = 0; b < 64; ++b) {
      Psum alone;
      const std::byte left{static_cast<unsigned char>(a)}, right{static_cast<unsigned char>(b)};
      (void)gemm(*reference, &left, &right, 1, 1, 1, &alone, true);
      for (const Code offset : {Code{0}, Code{3}, Code{7}}) {
        const Code other = 7 - offset;
        Psum psum;
        REQUIRE(unit->dot({std::span(&a, 1), std::span(&offset, 1)}, {std::span(&b, 1), std::span(&other, 1)}, psum) ==
                0);
        // Seven octaves in all; both are floors of the same exact sum.
        REQUIRE(psum.inner == alone.inner >> 7);
      }
    }
  }
}

TEST_CASE("block LNS follows each block's own largest magnitude") {
  const BlockFormatPtr format = make_block_lns(6, 8, 4);
  CHECK(format->scale_of(1.0, 1.0) == 0);
  CHECK(format->scale_of(0.5, 1.0) == 1);
  CHECK(format->scale_of(0.51, 1.0) == 0);
  CHECK(format->scale_of(1e-9, 1.0) == 15);
  CHECK(format->scale_of(0.0, 1.0) == 15);
  Code scale = 0;
  std::vector<Code> codes(1);
  CHECK(format->quantize(std::vector<double>{-0.125}, 1.0, scale, codes) == 0);
  CHECK(scale == 3);
  CHECK(format->decode(scale, codes[0], 1.0) == -0.125);
  CHECK(format->bits_per_block() == 32 * 6 + 4);
}

TEST_CASE("a group of several blocks adds their sums one by one") {
  std::mt19937_64 random(11);
  for (const char* name : {"nvfp4", "mxfp8_e4m3", "mxint8"}) {
    INFO(name);
    const BlockFormatPtr format = find_block_format(name);
    const std::size_t length = 3 * format->block() + 5;
    std::vector<Code> codes[2], scales[2];
    for (int side = 0; side < 2; ++side) {
      while (codes[side].size() < length) {
        const Code code = static_cast<Code>(random()) & ((Code{1} << format->element().bits()) - 1);
        if (is_number(*format, code)) codes[side].push_back(code);
      }
      for (int i = 0; i < 4; ++i) scales[side].push_back(100 + static_cast<Code>(random() % 20));
    }
    const BlockOperand a{codes[0], scales[0]}, b{codes[1], scales[1]};
    Psum one, four;
    (void)make_block_dot_unit(fp32_unit(format, format, format->block()))->dot(a, b, one);
    (void)make_block_dot_unit(fp32_unit(format, format, 4 * format->block()))->dot(a, b, four);
    CHECK(one == four);
  }
}

TEST_CASE("elements of a tensor know their blocks and are named by them") {
  for (const BlockFormatPtr& format : named_block_formats()) {
    const FormatPtr element = block_scaled(format);
    CHECK(element->name() == format->name());
    CHECK(element->block() == format);
    CHECK(element->bits() == format->element().bits());
    CHECK_FALSE(format->element().block());
    DotSpec mixed;
    mixed.a = element;
    mixed.b = format->element_ptr();
    mixed.accumulator.floating = FloatAccumulator{};
    CHECK_THROWS_AS(make_dot_unit(mixed), SpecError);
  }
}

TEST_CASE("units that do not exist are refused") {
  const BlockFormatPtr mx = find_block_format("mxfp8_e4m3"), nvfp4 = find_block_format("nvfp4");
  const BlockFormatPtr lns = make_block_lns(6, 8, 4), mxint8 = find_block_format("mxint8");
  CHECK_THROWS_AS(make_block_dot_unit(fp32_unit(mx, mx, 24)), SpecError);
  CHECK_THROWS_AS(make_block_dot_unit(fp32_unit(nvfp4, nvfp4, 24)), SpecError);
  CHECK_THROWS_AS(make_block_dot_unit(fp32_unit(mx, nvfp4, 16)), SpecError);
  CHECK_THROWS_AS(make_block_dot_unit(fp32_unit(mx, mxint8, 16)), SpecError);
  CHECK_THROWS_AS(make_block_dot_unit(fp32_unit(lns, lns, 16)), SpecError);
  BlockDotSpec fixed = fp32_unit(mx, mx, 32);
  fixed.accumulator = {};
  fixed.accumulator.fixed = FixedAccumulator{};
  CHECK_THROWS_AS(make_block_dot_unit(fixed), SpecError);
  BlockDotSpec window = fp32_unit(mxint8, mxint8, 32);
  window.window = 24;
  CHECK_THROWS_AS(make_block_dot_unit(window), SpecError);
  CHECK_THROWS_AS(make_block_lns(6, 8, 0), SpecError);
  CHECK_THROWS_AS(make_block_lns(1, 8, 4), SpecError);
}

TEST_CASE("operands of a block unit are checked") {
  const BlockFormatPtr format = find_block_format("mxfp8_e4m3");
  const auto unit = make_block_dot_unit(fp32_unit(format, format, 32));
  const std::vector<Code> codes(33, 8), shorter(32, 8), two = {127, 127}, one = {127}, bad = {127, 255};
  std::vector<Code> nan = codes;
  nan[5] = 0x7F;
  Psum psum;
  CHECK_NOTHROW(unit->dot({codes, two}, {codes, two}, psum));
  CHECK_THROWS_AS(unit->dot({codes, two}, {shorter, one}, psum), SpecError);
  CHECK_THROWS_AS(unit->dot({codes, one}, {codes, two}, psum), SpecError);
  CHECK_THROWS_AS(unit->dot({codes, bad}, {codes, two}, psum), CodeError);
  CHECK_THROWS_AS(unit->dot({nan, two}, {codes, two}, psum), CodeError);
}

}  // namespace lnsim::numerics
