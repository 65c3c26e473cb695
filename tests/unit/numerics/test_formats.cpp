// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "sim/numerics/format.hpp"

using namespace lnsim::numerics;

TEST_CASE("Named formats have distinct names and are found by them", "[formats]") {
  std::set<std::string> names;
  for (const FormatPtr& format : named_formats()) {
    CHECK(names.insert(format->name()).second);
    CHECK(find_format(format->name()) == format);
  }
  for (const char* name :
       {"int2", "int8", "int16", "fp8_e4m3", "fp8_e5m2", "fp16", "bf16", "tf32", "fp32", "fp4_e2m1"}) {
    INFO(name);
    CHECK(find_format(name) != nullptr);
  }
  CHECK(find_format("int1") == nullptr);
  CHECK(find_format("lns8") == nullptr);
}

TEST_CASE("Every code of every named format of up to 16 bits survives decoding and encoding", "[formats]") {
  for (const FormatPtr& format : named_formats()) {
    if (format->bits() > 16) continue;
    for (Code code = 0; code < 1U << format->bits(); ++code) {
      if (!format->valid(code)) continue;
      const double value = format->decode(code, 1.0);
      const Encoded encoded = format->encode(value, 1.0);
      INFO(format->name() << " code " << code);
      // The symmetric INT quantiser never makes the most negative code.
      const bool lowest_int = format->kind() == FormatKind::kInt && code == 1U << (format->bits() - 1);
      REQUIRE(encoded.code == (lowest_int ? code + 1 : code));
    }
  }
}

TEST_CASE("The usual scale brings the largest magnitude of a tensor into the format", "[formats]") {
  for (const FormatPtr& format : named_formats()) {
    for (const double largest : {1e-3, 0.7, 1.0, 447.0, 449.0, 3.0e4}) {
      const double scale = format->usual_scale(largest);
      INFO(format->name() << " largest " << largest);
      CHECK_FALSE(format->encode(largest, scale).clipped);
      CHECK(format->usual_scale(0.0) == 1.0);
    }
  }
}

TEST_CASE("Codes are stored in containers of one, two or four bytes", "[formats]") {
  std::byte buffer[16] = {};
  for (const unsigned bytes : {1U, 2U, 4U}) {
    store_code(buffer, 2, bytes, 0xA5);
    CHECK(load_code(buffer, 2, bytes) == 0xA5);
  }
  CHECK(find_format("int8")->container_bytes() == 1);
  CHECK(find_format("int9")->container_bytes() == 2);
  CHECK(find_format("tf32")->container_bytes() == 4);
}
