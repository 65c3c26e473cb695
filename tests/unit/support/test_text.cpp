// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "sim/support/text.hpp"

using namespace lnsim;  // NOLINT(google-build-using-namespace): the whole file is about it

TEST_CASE("sums and products beyond 64 bits throw", "[text]") {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(checked_mul(most, 1) == most);
  CHECK(checked_mul(std::uint64_t{1} << 32U, (std::uint64_t{1} << 32U) - 1) == most - 0xFFFFFFFFU);
  CHECK_THROWS_AS(checked_mul(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U), OverflowError);
  CHECK(checked_add(most - 1, 1) == most);
  CHECK_THROWS_AS(checked_add(most, 1), OverflowError);
}

TEST_CASE("the edit distance counts insertions, deletions, substitutions and swaps", "[text]") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("lanes", "lanes") == 0);
  CHECK(edit_distance("lanes", "lane") == 1);
  CHECK(edit_distance("lanes", "lines") == 1);
  CHECK(edit_distance("lnaes", "lanes") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest name is found only when it is near", "[text]") {
  const std::vector<std::string> names = {"lanes", "vector_size", "t"};
  CHECK(nearest("lane", names) == "lanes");
  CHECK(nearest("vectorsize", names) == "vector_size");
  CHECK(nearest("pe", names).empty());
  CHECK(nearest("x", names).empty());  // one edit, but nothing of "t" remains
  CHECK(nearest(std::string(100000, 'a'), names).empty());
}

TEST_CASE("text for the terminal shows control characters", "[text]") {
  CHECK(escape_terminal("plain, \xC3\xA9 \xE2\x82\xAC") == "plain, \xC3\xA9 \xE2\x82\xAC");
  CHECK(escape_terminal("a\nb\tc\r") == "a\\nb\\tc\\r");
  CHECK(escape_terminal("\x1b[2J\x7f") == "\\x1b[2J\\x7f");
  CHECK(escape_terminal(std::string_view("\0", 1)) == "\\x00");
  CHECK(escape_terminal("\xC2\x9B") == "\\u009b");      // C1 control sequence introducer
  CHECK(escape_terminal("\xE2\x80\xAE") == "\\u202e");  // right-to-left override
}

TEST_CASE("text for the terminal shows bytes that are not UTF-8", "[text]") {
  CHECK(escape_terminal("\xFF") == "\\xff");
  CHECK(escape_terminal("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(escape_terminal("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(escape_terminal("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(escape_terminal("\xE2\x82") == "\\xe2\\x82");  // truncated
}

TEST_CASE("doubles are written short and read back to the same bits", "[text]") {
  CHECK(format_double(1) == "1.0");
  CHECK(format_double(-0.0) == "-0.0");
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(123456789012.0) == "123456789012.0");
  CHECK(format_double(1e22) == "1e+22");
  CHECK(format_double(5e-324) == "5e-324");
  std::mt19937_64 random(20220601);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const double back = std::strtod(format_double(value).c_str(), nullptr);
    REQUIRE(std::memcmp(&back, &value, sizeof value) == 0);
  }
}

TEST_CASE("NaN and infinity are not written", "[text]") {
  CHECK_THROWS_AS(format_double(std::nan("")), std::domain_error);
  CHECK_THROWS_AS(format_double(std::numeric_limits<double>::infinity()), std::domain_error);
}
