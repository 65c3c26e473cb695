// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"

namespace lnsim::report {
namespace {

TEST_CASE("Numbers keep three digits and avoid exponents where they can") {
  CHECK(digits_text(0) == "0.00");
  CHECK(digits_text(12.345) == "12.3");
  CHECK(digits_text(9.996) == "10.0");
  CHECK(digits_text(0.00042) == "0.000420");
  CHECK(digits_text(123456) == "123456");
  CHECK(digits_text(1.234e9) == "1.23e+09");
  CHECK(digits_text(-1.5) == "-1.50");
}

TEST_CASE("Units take the prefix that leaves one to three digits before the point") {
  CHECK(unit_text(0, "J") == "0 J");
  CHECK(unit_text(1.234e-3, "J") == "1.23 mJ");
  CHECK(unit_text(0.9999, "J") == "1.00 J");
  CHECK(unit_text(0.9994e-3, "J") == "999 uJ");
  CHECK(unit_text(4e8, "Hz") == "400 MHz");
  CHECK(unit_text(5.4e-15, "J") == "5.40 fJ");
  CHECK(unit_text(2.5e-17, "J") == "0.0250 fJ");
}

TEST_CASE("Bytes take binary prefixes") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1024) == "1.00 KiB");
  CHECK(bytes_text(1000U * 1024) == "1000 KiB");
  CHECK(bytes_text(UINT64_MAX) == "16.0 EiB");
}

TEST_CASE("Counts are grouped, shares are percent, times take the usual units") {
  CHECK(grouped_text(0) == "0");
  CHECK(grouped_text(999) == "999");
  CHECK(grouped_text(1234567) == "1,234,567");
  CHECK(percent_text(0.1234) == "12.3 %");
  CHECK(duration_text(0.05) == "50.0 ms");
  CHECK(duration_text(7200) == "2.00 h");
  CHECK(duration_text(864000) == "10.0 days");
}

TEST_CASE("Tables align columns by characters, not bytes") {
  TextTable table;
  table.row({"\xC3\xA4", "1"});
  table.row({"abc", "22"});
  table.title("a title that is longer than its column");
  CHECK(table.text() == "\xC3\xA4     1\nabc  22\na title that is longer than its column\n");
  CHECK(shortened("abcdefgh", 6) == "abc...");
  CHECK(shortened("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 4) == "\xC3\xA4...");
  CHECK(shortened("abc", 3) == "abc");
}

}  // namespace
}  // namespace lnsim::report
