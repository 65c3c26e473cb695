// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "sim/numerics/lns.hpp"
#include "sim/numerics/stochastic.hpp"

using namespace lnsim::numerics;

namespace {

std::vector<FormatPtr> rounded_formats() {
  return {find_format("int8"),
          find_format("fp8_e5m2"),
          find_format("fp8_e4m3"),
          find_format("fp4_e2m1"),
          find_format("bf16"),
          make_lns(8, 8, ZeroMode::kZeroCode),
          make_lns(5, 1, ZeroMode::kZeroCode),
          make_lns(8, 8, ZeroMode::kMinCode)};
}

double value(const Format& format, double x, double scale, unsigned random) {
  return format.decode(encode_stochastic(format, x, scale, static_cast<std::uint16_t>(random)).code, scale);
}

}  // namespace

TEST_CASE("the mean over all random numbers is the number itself", "[numerics]") {
  std::mt19937_64 random(5);
  for (const FormatPtr& format : rounded_formats()) {
    const double scale = format->usual_scale(3.0);
    for (int i = 0; i < 4; ++i) {
      const double x = (static_cast<double>(random() >> 11U) * 0x1p-52 - 1.0) * 2.5;
      INFO(format->name() << " " << x);
      double sum = 0.0, least = INFINITY, most = -INFINITY;
      for (unsigned r = 0; r < 65536; ++r) {
        const double rounded = value(*format, x, scale, r);
        sum += rounded;
        least = std::min(least, rounded);
        most = std::max(most, rounded);
      }
      CHECK(least <= x);
      CHECK(most >= x);
      CHECK(std::fabs(sum / 65536 - x) <= (most - least) / 65536);
      const double nearest = format->decode(format->encode(x, scale).code, scale);
      CHECK((nearest == least || nearest == most));
    }
  }
}

TEST_CASE("numbers of a format are kept whatever the random number", "[numerics]") {
  for (const FormatPtr& format : rounded_formats()) {
    if (format->bits() > 8) continue;
    for (Code code = 0; code < (Code{1} << format->bits()); ++code) {
      if (!format->valid(code)) continue;
      const double x = format->decode(code, 1.0);
      if (format->encode(x, 1.0).clipped) continue;  // -128 of INT8
      INFO(format->name() << " code " << code);
      for (const unsigned r : {0U, 32768U, 65535U}) REQUIRE(value(*format, x, 1.0, r) == x);
    }
  }
}

TEST_CASE("small numbers become zero or the least, with their sign", "[numerics]") {
  const FormatPtr lns = make_lns(5, 1, ZeroMode::kZeroCode);
  const double least = lns->decode(1, 1.0);
  CHECK(value(*lns, -least / 4, 1.0, 0) == -least);
  CHECK(value(*lns, -least / 4, 1.0, 16383) == -least);
  CHECK(value(*lns, -least / 4, 1.0, 16384) == 0.0);
  const FormatPtr int8 = find_format("int8");
  CHECK(value(*int8, -0.25, 1.0, 0) == -1.0);
  CHECK(value(*int8, 0.25, 1.0, 65535) == 0.0);
}

TEST_CASE("beyond the ends nothing is random", "[numerics]") {
  for (const FormatPtr& format : rounded_formats()) {
    for (const unsigned r : {0U, 65535U}) {
      const Encoded encoded = encode_stochastic(*format, -1e30, 1e-12, static_cast<std::uint16_t>(r));
      CHECK(encoded.code == format->encode(-1e30, 1e-12).code);
    }
  }
  // No zero below the least magnitude of min_code.
  const FormatPtr min_code = make_lns(8, 8, ZeroMode::kMinCode);
  CHECK(value(*min_code, 1e-12, 1.0, 65535) == min_code->decode(0, 1.0));
}
