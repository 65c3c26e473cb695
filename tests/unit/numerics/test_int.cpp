// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/int.hpp"
#include "tests/unit/numerics/golden_csv.hpp"
#include "tests/unit/numerics/random_dots.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

std::vector<std::byte> pack(const Format& format, const std::vector<unsigned>& codes) {
  std::vector<std::byte> packed(codes.size() * format.container_bytes());
  for (std::size_t i = 0; i < codes.size(); ++i) store_code(packed.data(), i, format.container_bytes(), codes[i]);
  return packed;
}

FixedAccumulator fixed_of(const std::vector<std::string>& words) {
  return {static_cast<unsigned>(std::stoul(words.at(1))), std::nullopt, Rounding::kFloor};
}

FloatAccumulator float_of(const std::vector<std::string>& words) {
  return {static_cast<unsigned>(std::stoul(words.at(1))), static_cast<unsigned>(std::stoul(words.at(2))),
          words.at(3) == "zero" ? Rounding::kTowardZero : Rounding::kNearestEven, std::stoi(words.at(4))};
}

DotSpec int8_spec() {
  DotSpec spec;
  spec.a = spec.b = find_format("int8");
  spec.accumulator.fixed = FixedAccumulator{24, std::nullopt, Rounding::kFloor};
  return spec;
}

}  // namespace

TEST_CASE("Every INT code survives decoding and encoding, but for the most negative one", "[int]") {
  for (unsigned bits = 2; bits <= 16; ++bits) {
    const auto format = find_format("int" + std::to_string(bits));
    REQUIRE(format);
    const std::int32_t largest = (1 << (bits - 1)) - 1;
    for (Code code = 0; code < 1U << bits; ++code) {
      const double value = format->decode(code, 0.5);
      const Encoded encoded = format->encode(value, 0.5);
      const bool lowest = code == static_cast<Code>(largest) + 1;
      INFO(format->name() << " code " << code);
      REQUIRE(value == 0.5 * (code > static_cast<Code>(largest)
                                  ? static_cast<double>(code) - std::ldexp(1.0, static_cast<int>(bits))
                                  : static_cast<double>(code)));
      REQUIRE(encoded.code == (lowest ? code + 1 : code));
      REQUIRE(encoded.clipped == lowest);
    }
  }
}

TEST_CASE("INT rounds halves to even between all neighbours", "[int]") {
  for (unsigned bits = 2; bits <= 8; ++bits) {
    const IntFormat format(bits);
    for (std::int32_t k = -format.largest(); k < format.largest(); ++k) {
      const std::int32_t even = k % 2 == 0 ? k : k + 1;
      INFO(format.name() << " between " << k << " and " << k + 1);
      REQUIRE(format.integer(format.encode(k + 0.5, 1.0).code) == even);
      REQUIRE(format.integer(format.encode(std::nextafter(k + 0.5, -1e9), 1.0).code) == k);
      REQUIRE(format.integer(format.encode(std::nextafter(k + 0.5, 1e9), 1.0).code) == k + 1);
    }
  }
}

TEST_CASE("Special values of the INT quantiser", "[int]") {
  const IntFormat format(8);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(format.encode(infinity, 1.0).code == 127);
  CHECK(format.encode(-infinity, 1.0).code == 129);
  CHECK(format.encode(-0.0, 1.0).code == 0);
  CHECK(format.encode(127.49, 1.0).code == 127);
  CHECK_FALSE(format.encode(127.49, 1.0).clipped);
  CHECK(format.encode(127.5, 1.0).clipped);
  CHECK_THROWS_AS(format.encode(std::nan(""), 1.0), CodeError);
  CHECK_THROWS_AS(format.encode(1.0, -1.0), SpecError);
  CHECK_THROWS_AS(format.decode(256, 1.0), CodeError);
  CHECK(format.usual_scale(127.0) == 1.0);
  CHECK(format.usual_scale(0.0) == 1.0);
  CHECK(format.usual_scale(5e-324) == 1.0);
  CHECK_THROWS_AS(IntFormat(17), SpecError);
}

TEST_CASE("The INT tensor quantiser equals the quantiser of one element", "[int]") {
  Random random(8);
  std::vector<double> x = {0.0, -0.0, 1e300, -1e300, 0.5, 1.5, -2.5, 1e-300};
  for (int i = 0; i < 2000; ++i) x.push_back(300.0 * (random.real() - 0.5));
  for (const char* name : {"int2", "int8", "int9", "int16"}) {
    const auto format = find_format(name);
    std::vector<std::byte> codes(x.size() * format->container_bytes());
    std::uint64_t clipped = 0;
    const std::uint64_t counted = format->quantize(x, 0.9, codes.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Encoded one = format->encode(x[i], 0.9);
      REQUIRE(load_code(codes.data(), i, format->container_bytes()) == one.code);
      clipped += one.clipped ? 1U : 0U;
    }
    CHECK(counted == clipped);
  }
}

TEST_CASE("All products of two INT8 codes are exact", "[int]") {
  DotSpec spec = int8_spec();
  spec.vector_size = 1;
  const auto unit = make_dot_unit(spec);
  std::vector<std::byte> codes(256);
  for (unsigned code = 0; code < 256; ++code) codes[code] = static_cast<std::byte>(code);
  std::vector<Psum> psums(256 * 256);
  CHECK(gemm(*unit, codes.data(), codes.data(), 256, 256, 1, psums.data()) == 0);
  for (int b = -128; b < 128; ++b) {
    for (int a = -128; a < 128; ++a) {
      REQUIRE(unit->accumulator_integer(psums[static_cast<std::size_t>(b & 255) * 256 + (a & 255)]) == a * b);
    }
  }
}

TEST_CASE("INT dot products match those of an independent generator", "[int][golden]") {
  for (GoldenRow& row : golden_rows("int_dot.csv")) {
    DotSpec spec;
    spec.a = find_format("int" + row.text());
    spec.b = find_format("int" + row.text());
    spec.vector_size = row.natural();
    const auto inner = row.words();
    if (inner.at(0) == "fixed") {
      spec.accumulator.fixed = fixed_of(inner);
    } else {
      spec.accumulator.floating = float_of(inner);
    }
    if (const unsigned chunk = row.natural(); chunk > 0) spec.accumulator.chunk = chunk;
    const auto outer = row.words();
    if (outer.at(0) == "fixed") spec.accumulator.outer_fixed = fixed_of(outer);
    if (outer.at(0) == "float") spec.accumulator.outer_floating = float_of(outer);
    const auto unit = make_dot_unit(spec);
    const auto a = row.naturals();
    const auto b = row.naturals();
    Psum psum;
    const std::uint64_t saturations =
        gemm(*unit, pack(*spec.a, a).data(), pack(*spec.b, b).data(), 1, 1, a.size(), &psum);
    INFO(describe(spec) << ", K " << a.size());
    REQUIRE(unit->value(psum, 1.0, 1.0) == row.number());
    REQUIRE(static_cast<long long>(saturations) == row.integer());
  }
}

TEST_CASE("An INT unit rejects what does not belong to it", "[int]") {
  CHECK_NOTHROW(make_dot_unit(int8_spec()));
  const auto rejects = [](auto change) {
    DotSpec spec = int8_spec();
    change(spec);
    CHECK_THROWS_AS(make_dot_unit(spec), SpecError);
  };
  rejects([](DotSpec& s) { s.accumulator.fixed->guard = 3; });
  rejects([](DotSpec& s) { s.accumulator.fixed->rounding = Rounding::kNearestEven; });
  rejects([](DotSpec& s) { s.accumulator.fixed->bits = 1; });
  rejects([](DotSpec& s) { s.accumulator.fixed->bits = 49; });
  rejects([](DotSpec& s) { s.accumulator.floating = FloatAccumulator{}; });
  rejects([](DotSpec& s) { s.accumulator.fixed.reset(); });
  rejects([](DotSpec& s) { s.window = 24; });
  rejects([](DotSpec& s) { s.tree_fraction_bits = 0; });
  rejects([](DotSpec& s) { s.vector_size = 0; });
  rejects([](DotSpec& s) { s.accumulator.chunk = 33; });
  rejects([](DotSpec& s) { s.accumulator.outer_fixed = FixedAccumulator{32, std::nullopt, Rounding::kFloor}; });
  rejects([](DotSpec& s) { s.b = find_format("fp8_e4m3"); });
  rejects([](DotSpec& s) { s.b = nullptr; });
}

TEST_CASE("The raw state of a chunked unit is both accumulators", "[int]") {
  DotSpec spec = int8_spec();
  CHECK(make_dot_unit(spec)->psum_bits() == 24);
  spec.accumulator.chunk = 64;
  CHECK(make_dot_unit(spec)->psum_bits() == 48);
  spec.accumulator.outer_floating = FloatAccumulator{};
  CHECK(make_dot_unit(spec)->psum_bits() == 24 + 32);
}
