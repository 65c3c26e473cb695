// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/int.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/requantizer.hpp"
#include "sim/numerics/requantizer_int.hpp"
#include "tests/unit/numerics/golden_csv.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

std::shared_ptr<const LnsFormat> golden_lns(GoldenRow& row) {
  const unsigned bits = row.natural();
  const unsigned gamma = row.natural();
  return make_lns(bits, gamma, row.text() == "zero_code" ? ZeroMode::kZeroCode : ZeroMode::kMinCode);
}

std::unique_ptr<DotUnit> lns_unit(FormatPtr a, FormatPtr b, unsigned bits, unsigned guard) {
  DotSpec spec;
  spec.a = std::move(a);
  spec.b = std::move(b);
  spec.conversion.lut_entries = 1;
  spec.accumulator.fixed = FixedAccumulator{bits, guard, Rounding::kFloor};
  return make_dot_unit(spec);
}

std::unique_ptr<DotUnit> int_unit(unsigned bits) {
  DotSpec spec;
  spec.a = spec.b = find_format("int8");
  spec.accumulator.fixed = FixedAccumulator{bits, std::nullopt, Rounding::kFloor};
  return make_dot_unit(spec);
}

}  // namespace

TEST_CASE("LNS requantisation matches an independent generator", "[requantizer][golden]") {
  for (GoldenRow& row : golden_rows("lns_requantize.csv")) {
    const auto a = golden_lns(row);
    const auto b = golden_lns(row);
    const auto out = golden_lns(row);
    const unsigned bits = row.natural();
    const auto unit = lns_unit(a, b, bits, row.natural());
    const Psum psum{row.integer(), 0};
    const double scale_a = row.number();
    const double scale_b = row.number();
    const double scale_out = row.number();
    const auto requantizer = make_requantizer(*unit, out, scale_a, scale_b, scale_out);
    const bool negative = row.integer() == 1;
    INFO(a->name() << " x " << b->name() << " to " << out->name() << " acc " << psum.inner);
    REQUIRE(requantizer->requantize(psum).code == out->code(negative, static_cast<std::int32_t>(row.integer())));
  }
}

TEST_CASE("LNS requantisation of every value of a small accumulator rounds its logarithm", "[requantizer]") {
  for (const unsigned gamma : {1U, 2U, 4U, 8U}) {
    const auto out = make_lns(8, gamma, ZeroMode::kZeroCode);
    const auto lns8 = make_lns(8, 8, ZeroMode::kZeroCode);
    const auto unit = lns_unit(lns8, lns8, 12, 6);
    const auto requantizer = make_requantizer(*unit, out, 1.0, 1.0, 0.25);
    const int lsb = unit->exact(Psum{1, 0}).exponent;
    for (std::int64_t acc = -2048; acc < 2048; ++acc) {
      Code expected = 0;
      if (acc != 0) {
        const long double power = gamma * (std::log2(static_cast<long double>(std::abs(acc))) + lsb - 31.75L + 2.0L);
        // Powers of two meet real ties where gamma / 4 is a half; those may go either way.
        if (std::abs(power - std::floor(power) - 0.5L) < 1e-9L) continue;
        const auto raw = static_cast<std::int64_t>(std::floor(power + 0.5L)) + 127;
        if (raw >= 1) expected = out->code(acc < 0, static_cast<std::int32_t>(std::min<std::int64_t>(raw, 127)));
      }
      INFO(out->name() << " acc " << acc);
      REQUIRE(requantizer->requantize(Psum{acc, 0}).code == expected);
    }
  }
}

TEST_CASE("Requantising many sums gives the code of each and counts the clipped ones", "[requantizer]") {
  const auto lns8 = make_lns(8, 8, ZeroMode::kZeroCode);
  DotSpec floating;
  floating.a = floating.b = find_format("fp8_e4m3");
  floating.accumulator.floating = FloatAccumulator{};
  const std::vector<std::shared_ptr<DotUnit>> units = {lns_unit(lns8, lns8, 24, 6), int_unit(24),
                                                       make_dot_unit(floating)};
  const std::vector<FormatPtr> formats = {make_lns(8, 8, ZeroMode::kZeroCode), make_lns(8, 8, ZeroMode::kMinCode),
                                          make_lns(12, 128, ZeroMode::kZeroCode), find_format("int8"),
                                          find_format("fp16")};
  std::vector<Psum> sums;
  for (std::int64_t i = -120; i <= 120; ++i) sums.push_back({i * i * i, 0});
  sums.insert(sums.end(), {{0, 0}, {(1 << 23) - 1, 0}, {-(1 << 23), 0}});
  for (const auto& unit : units) {
    for (const FormatPtr& format : formats) {
      const auto requantizer = make_requantizer(*unit, format, 0.75, 3.0, 0.001);
      std::vector<std::byte> codes(sums.size() * format->container_bytes());
      std::uint64_t clipped = 0;
      CAPTURE(format->name());
      const std::uint64_t counted = requantizer->requantize(sums, codes.data());
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const Encoded one = requantizer->requantize(sums[i]);
        clipped += one.clipped ? 1 : 0;
        REQUIRE(load_code(codes.data(), i, format->container_bytes()) == one.code);
      }
      CHECK(counted == clipped);
    }
  }
}

TEST_CASE("Scales far apart do not overflow the LNS requantiser", "[requantizer]") {
  const auto lns8 = make_lns(8, 8, ZeroMode::kZeroCode);
  const auto unit = lns_unit(lns8, lns8, 24, 6);
  const auto requantizer = make_requantizer(*unit, lns8, 1e200, 1e200, 1e300);
  CHECK(requantizer->requantize(Psum{1, 0}).code == 127);
  CHECK(requantizer->requantize(Psum{1, 0}).clipped);
  CHECK(make_requantizer(*unit, lns8, 1e-200, 1e-200, 1e-300)->requantize(Psum{1000, 0}).code == 0);
}

TEST_CASE("INT requantisation matches an independent generator", "[requantizer][golden]") {
  for (GoldenRow& row : golden_rows("int_requantize.csv")) {
    const auto out = find_format("int" + row.text());
    const Psum psum{row.integer(), 0};
    const double scale_a = row.number();
    const double scale_b = row.number();
    const double scale_out = row.number();
    const IntMultiplier multiplier(scale_a * scale_b / scale_out);
    INFO(out->name() << " acc " << psum.inner << " scales " << scale_a << " " << scale_b << " " << scale_out);
    REQUIRE(multiplier.factor() == row.integer());
    REQUIRE(multiplier.shift() == row.integer());
    const auto unit = int_unit(48);
    const auto requantizer = make_requantizer(*unit, out, scale_a, scale_b, scale_out);
    REQUIRE(requantizer->requantize(psum).code == row.natural());
  }
}

TEST_CASE("INT requantisation of every value of a small accumulator rounds halves to even", "[requantizer]") {
  const auto unit = int_unit(14);
  const auto int8 = find_format("int8");
  const auto requantizer = make_requantizer(*unit, int8, 1.0, 1.0, 32.0);  // Q = 2^15, h = 20: exactly 1/32
  for (std::int64_t acc = -8192; acc < 8192; ++acc) {
    const double exact = static_cast<double>(acc) / 32.0;
    const Encoded expected = int8->encode(exact, 1.0);
    const Encoded actual = requantizer->requantize(Psum{acc, 0});
    INFO("acc " << acc);
    REQUIRE(actual.code == expected.code);
    REQUIRE(actual.clipped == expected.clipped);
  }
}

TEST_CASE("Extreme INT ratios saturate or vanish", "[requantizer]") {
  CHECK(IntMultiplier(1e300).apply(1) == std::int64_t{1} << 62);
  CHECK(IntMultiplier(1e300).apply(-1) == -(std::int64_t{1} << 62));
  CHECK(IntMultiplier(1e300).apply(0) == 0);
  CHECK(IntMultiplier(1e-300).apply((std::int64_t{1} << 47) - 1) == 0);
  CHECK(IntMultiplier(1.0 - 1e-12).factor() == 1 << 15);  // 2^16 becomes 2^15 with one less shift
  CHECK(IntMultiplier(1.0 - 1e-12).shift() == 15);
  CHECK_THROWS_AS(IntMultiplier(0.0), SpecError);
}

TEST_CASE("Other outputs take the quantiser's steps on the exact value", "[requantizer]") {
  const auto unit = int_unit(24);
  for (const char* name : {"fp8_e4m3", "bf16", "fp32"}) {
    const auto out = find_format(name);
    const auto requantizer = make_requantizer(*unit, out, 0.5, 0.25, 2.0);
    for (std::int64_t acc = -3000; acc < 3000; acc += 7) {
      REQUIRE(requantizer->requantize(Psum{acc, 0}).code == out->encode(static_cast<double>(acc) / 8, 2.0).code);
    }
  }
  CHECK_THROWS_AS(make_requantizer(*unit, nullptr, 1.0, 1.0, 1.0), SpecError);
  CHECK_THROWS_AS(make_requantizer(*unit, find_format("int8"), 1.0, 0.0, 1.0), SpecError);
}
