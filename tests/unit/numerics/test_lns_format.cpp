// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/numerics/lns.hpp"
#include "tests/unit/numerics/golden_csv.hpp"
#include "tests/unit/numerics/random_dots.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ZeroMode zero_mode(const std::string& text) { return text == "zero_code" ? ZeroMode::kZeroCode : ZeroMode::kMinCode; }

std::vector<std::shared_ptr<const LnsFormat>> formats_up_to(unsigned most_bits) {
  std::vector<std::shared_ptr<const LnsFormat>> formats;
  for (unsigned bits = 2; bits <= most_bits; ++bits) {
    for (unsigned gamma = 1; gamma <= 1U << (bits - 1); gamma *= 2) {
      formats.push_back(make_lns(bits, gamma, ZeroMode::kMinCode));
      formats.push_back(make_lns(bits, gamma, ZeroMode::kZeroCode));
    }
  }
  return formats;
}

}  // namespace

TEST_CASE("Every LNS code of up to 8 bits survives decoding and encoding", "[lns]") {
  for (const auto& format : formats_up_to(8)) {
    for (const double scale : {1.0, 0.7, 3e-30, 1e290}) {
      for (Code code = 0; code < 1U << format->bits(); ++code) {
        INFO(format->name() << " code " << code << " scale " << scale);
        const double value = format->decode(code, scale);
        const Encoded encoded = format->encode(value, scale);
        REQUIRE(encoded.code == (format->is_zero(code) ? 0 : code));
        REQUIRE_FALSE(encoded.clipped);
      }
    }
  }
}

TEST_CASE("The LNS quantiser changes codes at the geometric mean of neighbouring values", "[lns]") {
  for (const auto& format : formats_up_to(8)) {
    const int lowest = format->zero_mode() == ZeroMode::kZeroCode ? 1 : 0;
    for (int e = lowest; e < format->max_exponent(); ++e) {
      const double threshold = std::exp2((e - format->max_exponent() + 0.5) / format->gamma());
      INFO(format->name() << " above e " << e);
      REQUIRE(format->encode(-threshold * (1 - 1e-12), 1.0).code == format->code(true, e));
      REQUIRE(format->encode(-threshold * (1 + 1e-12), 1.0).code == format->code(true, e + 1));
    }
  }
}

TEST_CASE("LNS codes match those of an independent generator", "[lns][golden]") {
  for (GoldenRow& row : golden_rows("lns_encode.csv")) {
    const unsigned bits = row.natural();
    const unsigned gamma = row.natural();
    const auto format = make_lns(bits, gamma, zero_mode(row.text()));
    const double x = row.number();
    const double scale = row.number();
    const bool negative = row.integer() == 1;
    INFO(format->name() << " x " << x << " scale " << scale);
    const Code expected = format->code(negative, static_cast<std::int32_t>(row.integer()));
    REQUIRE(format->encode(x, scale).code == expected);
    Code tensor = 0;
    format->quantize({&x, 1}, scale, reinterpret_cast<std::byte*>(&tensor));
    REQUIRE(tensor == expected);
  }
}

TEST_CASE("The tensor quantiser equals the quantiser of one element, and counts clipped ones", "[lns]") {
  Random random(3);
  for (const auto& format : {make_lns(8, 8, ZeroMode::kZeroCode), make_lns(16, 2048, ZeroMode::kMinCode),
                             make_lns(5, 1, ZeroMode::kMinCode), make_lns(16, 1, ZeroMode::kZeroCode)}) {
    std::vector<double> x = {0.0, -0.0, kInfinity, -kInfinity, 5e-324, -1e308, 1.0, -1.0};
    for (int i = 0; i < 3000; ++i)
      x.push_back(std::ldexp(random.real() - 0.5, static_cast<int>(random.between(-40, 10))));
    for (const double scale : {1.0, 0.3, 1e-300, 1e300}) {
      std::vector<std::byte> codes(x.size() * format->container_bytes());
      const std::uint64_t clipped = format->quantize(x, scale, codes.data());
      std::uint64_t expected = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const Encoded one = format->encode(x[i], scale);
        INFO(format->name() << " x " << x[i] << " scale " << scale);
        REQUIRE(load_code(codes.data(), i, format->container_bytes()) == one.code);
        expected += one.clipped ? 1U : 0U;
      }
      CHECK(clipped == expected);
    }
  }
}

TEST_CASE("Special values of the LNS quantiser", "[lns]") {
  const auto zero_code = make_lns(8, 8, ZeroMode::kZeroCode);
  const auto min_code = make_lns(8, 8, ZeroMode::kMinCode);
  for (const auto& format : {zero_code, min_code}) {
    CHECK(format->encode(0.0, 2.0).code == 0);
    CHECK(format->encode(-0.0, 2.0).code == 0);
    CHECK(format->encode(kInfinity, 1.0).code == 127);
    CHECK(format->encode(-kInfinity, 1.0).code == 255);
    CHECK(format->encode(-2.0, 2.0).code == 255);
    CHECK_FALSE(format->encode(2.0, 2.0).clipped);
    CHECK(format->encode(3.0, 2.0).clipped);
    CHECK_THROWS_AS(format->encode(std::nan(""), 1.0), CodeError);
    CHECK_THROWS_AS(format->encode(1.0, 0.0), SpecError);
    CHECK_THROWS_AS(format->encode(1.0, kInfinity), SpecError);
    CHECK_THROWS_AS(format->decode(256, 1.0), CodeError);
    CHECK(format->usual_scale(0.0) == 1.0);
    CHECK(format->usual_scale(0.3) == 0.3);
    const double nan = std::nan("");
    std::byte code{};
    CHECK_THROWS_AS(format->quantize({&nan, 1}, 1.0, &code), CodeError);
  }
  CHECK(zero_code->encode(-1e-9, 1.0).code == 0);
  CHECK(min_code->encode(-1e-9, 1.0).code == 128);
  CHECK(zero_code->decode(128, 1.0) == 0.0);
  CHECK(min_code->decode(0, 1.0) == std::exp2(-127.0 / 8));
}

TEST_CASE("LNS formats are shared, named, and limited", "[lns]") {
  CHECK(make_lns(8, 8, ZeroMode::kZeroCode) == make_lns(8, 8, ZeroMode::kZeroCode));
  CHECK(make_lns(8, 8, ZeroMode::kZeroCode)->name() == "lns(8,8,zero_code)");
  CHECK(make_lns(9, 8, ZeroMode::kZeroCode)->container_bytes() == 2);
  CHECK_THROWS_AS(make_lns(1, 1, ZeroMode::kZeroCode), SpecError);
  CHECK_THROWS_AS(make_lns(17, 1, ZeroMode::kZeroCode), SpecError);
  CHECK_THROWS_AS(make_lns(8, 6, ZeroMode::kZeroCode), SpecError);
  CHECK_THROWS_AS(make_lns(8, 256, ZeroMode::kZeroCode), SpecError);
  CHECK_THROWS_AS(make_lns(8, 0, ZeroMode::kZeroCode), SpecError);
}

TEST_CASE("Conversion constants match those of an independent generator", "[lns][golden]") {
  for (GoldenRow& row : golden_rows("lns_constants.csv")) {
    const unsigned entries = row.natural();
    const unsigned bits = row.natural();
    const auto expected = row.words();
    REQUIRE(expected.size() == entries);
    unsigned log2 = 0;
    while (1U << log2 < entries) ++log2;
    for (unsigned i = 0; i < entries; ++i) {
      INFO("L " << entries << " C " << bits << " i " << i);
      REQUIRE(std::to_string(exp2_constant(i, log2, bits)) == expected[i]);
    }
  }
}
