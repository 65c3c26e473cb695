// SPDX-License-Identifier: Apache-2.0
// Codes, values and rounding of the floating-point formats.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "sim/numerics/float_format.hpp"
#include "tests/unit/numerics/test_float_support.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::float_test;

namespace {

/// Value of a code by the text of the definition, with std::pow instead of bits.
double oracle_decode(const FloatFormat& format, Code code) {
  const FloatLayout& l = format.layout();
  const Code fraction = code % (Code{1} << l.mantissa_bits);
  const Code field = (code >> l.mantissa_bits) % (Code{1} << l.exponent_bits);
  const double sign = (code >> (l.mantissa_bits + l.exponent_bits)) != 0 ? -1.0 : 1.0;
  const double ulps = static_cast<double>(fraction) / std::pow(2.0, l.mantissa_bits);
  if (field == 0) return sign * std::pow(2.0, 1 - l.bias) * ulps;
  return sign * std::pow(2.0, static_cast<int>(field) - l.bias) * (1.0 + ulps);
}

/// Nearest code by search over all magnitudes: the neighbour with the smaller distance, the even code in a tie.
Code oracle_encode(const FloatFormat& format, double y) {
  const Code sign = Code{std::signbit(y)} << (format.bits() - 1);
  const double x = std::fabs(y);
  Code best = 0;
  for (Code code = 1; code <= format.layout().largest_finite; ++code) {
    const double now = x - oracle_decode(format, code);
    const double before = x - oracle_decode(format, best);
    if (std::fabs(now) < std::fabs(before) || (std::fabs(now) == std::fabs(before) && code % 2 == 0)) best = code;
  }
  return sign | best;
}

std::vector<Code> finite_codes(const FloatFormat& format) {
  std::vector<Code> codes;
  for (Code code = 0; code < (Code{1} << format.bits()); ++code) {
    if (format.valid(code)) codes.push_back(code);
  }
  return codes;
}

bool same_bits(double x, double y) { return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y); }

}  // namespace

TEST_CASE("float formats have the widths and largest values of their sources", "[float_format]") {
  const struct {
    const char* name;
    unsigned bits;
    unsigned container;
    double largest;
    std::size_t numbers;  // finite codes; 0: not counted
  } expected[] = {{"fp8_e4m3", 8, 1, 448, 254},
                  {"fp8_e5m2", 8, 1, 57344, 248},
                  {"fp6_e2m3", 6, 1, 7.5, 64},
                  {"fp6_e3m2", 6, 1, 28, 64},
                  {"fp4_e2m1", 4, 1, 6, 16},
                  {"fp16", 16, 2, 65504, 63488},
                  {"bf16", 16, 2, 0x1.FEp127, 65280},
                  {"tf32", 19, 4, 0x1.FFCp127, 0},
                  {"fp32", 32, 4, std::numeric_limits<float>::max(), 0}};
  std::vector<FormatPtr> formats;
  append_float_formats(formats);
  REQUIRE(formats.size() == std::size(expected));
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const auto& format = dynamic_cast<const FloatFormat&>(*formats[i]);
    INFO(format.name());
    CHECK(format.name() == expected[i].name);
    CHECK(format.kind() == FormatKind::kFloat);
    CHECK(format.bits() == expected[i].bits);
    CHECK(format.container_bytes() == expected[i].container);
    CHECK(format.largest_value() == expected[i].largest);
    if (expected[i].numbers != 0) CHECK(finite_codes(format).size() == expected[i].numbers);
  }
}

TEST_CASE("every code of the narrow formats decodes as the definition says", "[float_format]") {
  for (const char* name : {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "fp6_e3m2", "fp4_e2m1", "fp16", "bf16"}) {
    const FloatFormat& format = float_format(name);
    for (const Code code : finite_codes(format)) {
      if (!same_bits(format.decode(code, 1.0), oracle_decode(format, code))) FAIL(name << " code " << code);
    }
    CHECK(format.decode(1, 3.0) == 3.0 * oracle_decode(format, 1));
  }
}

TEST_CASE("every code of the narrow formats encodes back to itself", "[float_format]") {
  for (const char* name : {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "fp6_e3m2", "fp4_e2m1", "fp16", "bf16"}) {
    const FloatFormat& format = float_format(name);
    for (const Code code : finite_codes(format)) {
      const Encoded encoded = format.encode(format.decode(code, 0.25), 0.25);
      if (encoded.code != code || encoded.clipped) FAIL(name << " code " << code << " became " << encoded.code);
    }
  }
}

TEST_CASE("values around every midpoint of the narrow formats round to the nearest, ties to even", "[float_format]") {
  for (const char* name : {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "fp6_e3m2", "fp4_e2m1"}) {
    const FloatFormat& format = float_format(name);
    for (Code code = 0; code < format.layout().largest_finite; ++code) {
      const double low = oracle_decode(format, code);
      const double middle = (low + oracle_decode(format, code + 1)) / 2;  // exact
      for (const double y : {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e9), (low + middle) / 2}) {
        for (const double signed_y : {y, -y}) {
          const Encoded encoded = format.encode(signed_y, 1.0);
          if (encoded.code != oracle_encode(format, signed_y) || encoded.clipped) FAIL(name << " y = " << signed_y);
        }
      }
    }
  }
}

TEST_CASE("magnitudes beyond the largest finite value saturate and are reported as clipped", "[float_format]") {
  for (const FormatPtr& pointer : float_formats()) {
    const auto& format = dynamic_cast<const FloatFormat&>(*pointer);
    INFO(format.name());
    const double top = format.largest_value();
    const double half_place = top - format.decode(format.layout().largest_finite - 1, 1.0);
    const Code largest = format.layout().largest_finite;
    const Code sign = Code{1} << (format.bits() - 1);
    CHECK_FALSE(format.encode(top, 1.0).clipped);
    CHECK_FALSE(format.encode(top + half_place * 0.49, 1.0).clipped);  // still rounds to the largest
    CHECK(format.encode(top + half_place * 0.49, 1.0).code == largest);
    for (const double y : {top + half_place * 0.51, top * 4, 1e300, std::numeric_limits<double>::infinity()}) {
      CHECK(format.encode(y, 1.0).clipped);
      CHECK(format.encode(y, 1.0).code == largest);
      CHECK(format.encode(-y, 1.0).code == (largest | sign));
    }
  }
}

TEST_CASE("zeros and underflows keep their sign", "[float_format]") {
  for (const FormatPtr& format : float_formats()) {
    const Code negative_zero = Code{1} << (format->bits() - 1);
    CHECK(format->encode(0.0, 1.0).code == 0);
    CHECK(format->encode(-0.0, 1.0).code == negative_zero);
    CHECK(format->encode(5e-324, 1.0).code == 0);
    CHECK(format->encode(-1e-310, 1.0).code == negative_zero);
    CHECK(std::signbit(format->decode(negative_zero, 1.0)));
  }
}

TEST_CASE("NaN inputs and codes that are not numbers are errors", "[float_format]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const FormatPtr& format : float_formats()) {
    CHECK_THROWS_AS(format->encode(nan, 1.0), CodeError);
    const std::vector<double> x = {1.0, -nan, 2.0};
    std::vector<std::byte> codes(x.size() * format->container_bytes());
    CHECK_THROWS_AS(format->quantize(x, 1.0, codes.data()), CodeError);
    const auto largest = dynamic_cast<const FloatFormat&>(*format).layout().largest_finite;
    if (format->name().substr(0, 3) != "fp6" && format->name() != "fp4_e2m1") {
      CHECK_FALSE(format->valid(largest + 1));
      CHECK_THROWS_AS(format->decode(largest + 1, 1.0), CodeError);
    }
    if (format->bits() < 32) {
      CHECK_FALSE(format->valid(Code{1} << format->bits()));
      CHECK_THROWS_AS(format->decode(Code{1} << format->bits(), 1.0), CodeError);
    }
  }
  CHECK_FALSE(find_format("fp8_e4m3")->valid(0xFF));
  CHECK_FALSE(find_format("fp8_e5m2")->valid(0xFD));
  CHECK_FALSE(find_format("fp8_e5m2")->valid(0x7C));
}

TEST_CASE("FP16 codes are those of the compiler's half type", "[float_format]") {
#ifdef __FLT16_MAX__
#ifdef __aarch64__
  using Half = __fp16;
#else
  using Half = _Float16;
#endif
  const FloatFormat& format = float_format("fp16");
  for (Code code = 0; code < 65536; ++code) {
    if (!format.valid(code)) continue;
    const auto half = std::bit_cast<Half>(static_cast<std::uint16_t>(code));
    if (!same_bits(format.decode(code, 1.0), static_cast<double>(half))) FAIL("code " << code);
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    const double x = random_double(random, -30, 15);
    const auto code = std::bit_cast<std::uint16_t>(static_cast<Half>(x));
    if (!format.valid(code)) continue;  // rounded to infinity
    if (format.encode(x, 1.0).code != code) FAIL("x = " << x);
  }
#endif
}

TEST_CASE("FP32 codes are those of the compiler's float type", "[float_format]") {
  const FloatFormat& format = float_format("fp32");
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const double x = random_double(random, -155, 127);
    const auto code = std::bit_cast<std::uint32_t>(static_cast<float>(x));
    if (!format.valid(code)) continue;  // rounded to infinity
    if (format.encode(x, 1.0).code != code) FAIL("x = " << x);
    const auto any = static_cast<Code>(random());
    if (format.valid(any) && !same_bits(format.decode(any, 1.0), static_cast<double>(std::bit_cast<float>(any)))) {
      FAIL("code " << any);
    }
  }
}

TEST_CASE("BF16 and TF32 values are FP32 values with zeros at the end", "[float_format]") {
  std::mt19937_64 random(3);
  for (const auto& [name, dropped] : {std::pair{"bf16", 16}, std::pair{"tf32", 13}}) {
    const FloatFormat& format = float_format(name);
    for (int i = 0; i < 100000; ++i) {
      const double x = static_cast<double>(static_cast<float>(random_double(random, -150, 127)));
      // Rounding a float's bits to nearest even, an independent statement of the same rule.
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
      const std::uint32_t half = std::uint32_t{1} << (dropped - 1);
      const std::uint32_t rounded = (bits + half - 1 + ((bits >> dropped) & 1)) >> dropped;
      const Encoded encoded = format.encode(x, 1.0);
      if (!encoded.clipped && encoded.code != rounded) FAIL(name << " x = " << x);
      if (format.valid(rounded) &&
          format.decode(rounded, 1.0) != static_cast<double>(std::bit_cast<float>(rounded << dropped))) {
        FAIL(name << " code " << rounded);
      }
    }
  }
}

TEST_CASE("a tensor quantises as its elements do", "[float_format]") {
  std::mt19937_64 random(4);
  for (const FormatPtr& format : float_formats()) {
    std::vector<double> x(1003);
    for (double& value : x) value = random_double(random, -20, 17);
    x[5] = -0.0;
    x[6] = std::numeric_limits<double>::infinity();
    std::vector<std::byte> codes(x.size() * format->container_bytes());
    const std::uint64_t clipped = format->quantize(x, 0.3, codes.data());
    std::uint64_t expected_clipped = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Encoded expected = format->encode(x[i], 0.3);
      expected_clipped += expected.clipped ? 1U : 0U;
      if (load_code(codes.data(), i, format->container_bytes()) != expected.code) FAIL(format->name() << " at " << i);
    }
    CHECK(clipped == expected_clipped);
    CHECK(clipped > 0);
  }
}

TEST_CASE("the usual scale of narrow formats is the smallest power of two that clips nothing", "[float_format]") {
  std::mt19937_64 random(5);
  for (const FormatPtr& pointer : float_formats()) {
    const auto& format = dynamic_cast<const FloatFormat&>(*pointer);
    CHECK(format.usual_scale(0.0) == 1.0);
    for (int i = 0; i < 1000; ++i) {
      const double x = i == 0 ? format.largest_value() * 0x1p-9 : std::fabs(random_double(random, -200, 200));
      const double scale = format.usual_scale(x);
      if (format.bits() > 8) {
        CHECK(scale == 1.0);
        continue;
      }
      int exponent = 0;
      if (std::frexp(scale, &exponent) != 0.5 || x / scale > format.largest_value() ||
          x / (scale / 2) <= format.largest_value()) {
        FAIL(format.name() << " x = " << x << " scale " << scale);
      }
    }
  }
  CHECK(find_format("fp8_e4m3")->usual_scale(448.0) == 1.0);
  CHECK(find_format("fp8_e4m3")->usual_scale(std::nextafter(448.0, 1e9)) == 2.0);
  CHECK(find_format("fp8_e5m2")->usual_scale(5e-324) > 0.0);
  CHECK(std::isfinite(find_format("fp4_e2m1")->usual_scale(std::numeric_limits<double>::max())));
}

TEST_CASE("layouts that no code can hold are refused", "[float_format]") {
  const auto rule = FloatScaleRule::kOne;
  CHECK_THROWS_AS(FloatFormat("x", {0, 3, 1, 7}, rule), SpecError);
  CHECK_THROWS_AS(FloatFormat("x", {9, 3, 1, 7}, rule), SpecError);
  CHECK_THROWS_AS(FloatFormat("x", {4, 24, 1, 7}, rule), SpecError);
  CHECK_THROWS_AS(FloatFormat("x", {4, 3, 7, 0x80}, rule), SpecError);
  CHECK_THROWS_AS(FloatFormat("x", {4, 3, 1000, 0x7F}, rule), SpecError);
}
