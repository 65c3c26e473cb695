// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/arch/scheme.hpp"
#include "tests/unit/arch/arch_support.hpp"

using namespace lnsim;
using lnsim::test::contains;
using lnsim::test::input_error;
using lnsim::test::json_of;

namespace {

std::string error_of(std::string_view text) {
  return input_error([&] { (void)read_format(json_of(text), "s.json", "/formats/weight"); });
}

}  // namespace

TEST_CASE("every named format is read by its name and written back", "[arch]") {
  for (const numerics::FormatPtr& format : numerics::named_formats()) {
    const Json written = write_format(*format);
    CHECK(written.get<std::string>() == format->name());
    CHECK(read_format(written, "", "") == format);
  }
}

TEST_CASE("LNS formats are objects whose zero mode is zero_code by default", "[arch]") {
  const auto format = read_format(json_of(R"({"type": "lns", "bits": 5, "gamma": 1})"), "", "");
  CHECK(format->name() == "lns(5,1,zero_code)");
  CHECK(write_format(*format) == json_of(R"({"type": "lns", "bits": 5, "gamma": 1, "zero": "zero_code"})"));
  const auto other = read_format(json_of(R"({"type": "lns", "bits": 8, "gamma": 8, "zero": "min_code"})"), "", "");
  CHECK(other->name() == "lns(8,8,min_code)");
  CHECK(read_format(write_format(*other), "", "") == other);
}

TEST_CASE("an unknown format name suggests the nearest", "[arch]") {
  const std::string message = error_of(R"("fp8_e4m4")");
  CHECK(contains(message, "s.json: /formats/weight: \"fp8_e4m4\""));
  CHECK(contains(message, "\"fp8_e4m3\""));
}

TEST_CASE("formats that do not exist are input errors with their place", "[arch]") {
  CHECK(contains(error_of(R"({"type": "lns", "bits": 17, "gamma": 8})"), "/formats/weight/bits: 17, expected 2..16"));
  CHECK(contains(error_of(R"({"type": "lns", "bits": 8, "gamma": 6})"), "gamma must be a power of two"));
  CHECK(contains(error_of(R"({"type": "lns", "bits": 4, "gamma": 16})"), "gamma must be a power of two from 1 to 8"));
  CHECK(contains(error_of(R"({"type": "lns", "bits": 8})"), "gamma"));
  CHECK(contains(error_of(R"({"type": "lns", "bits": 8, "gamma": 8, "zeros": "min_code"})"), "\"zero\""));
  CHECK(contains(error_of(R"({"type": "log", "bits": 8, "gamma": 8})"), "/formats/weight/type"));
  CHECK(contains(error_of("8"), "a format"));
  CHECK(contains(error_of("null"), "a format"));
  CHECK(contains(error_of("[\"int8\"]"), "a format"));
}
