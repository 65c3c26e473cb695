// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"

using lnsim::InputError;

TEST_CASE("a message names file, place, value and expectation", "[error]") {
  CHECK(InputError("pe32.json", "/pe/lanes", "0", "1..1024").what() ==
        std::string("pe32.json: /pe/lanes: 0, expected 1..1024"));
}

TEST_CASE("empty parts are left out of a message", "[error]") {
  CHECK(InputError("a.json", "", "a directory", "a JSON file").what() ==
        std::string("a.json: a directory, expected a JSON file"));
  CHECK(InputError("--batch", "", "", "1..4096").what() == std::string("--batch: expected 1..4096"));
  CHECK(InputError("", "", "bad", "").what() == std::string("bad"));
}

TEST_CASE("control characters in a message are escaped", "[error]") {
  CHECK(InputError("a\nb.json", "/x", "\x1b[31m", "").what() == std::string("a\\nb.json: /x: \\x1b[31m"));
}

TEST_CASE("collected problems are joined by line breaks", "[error]") {
  const InputError error({{"a", "/x", "1", "2"}, {"a", "/y", "3", "4"}});
  CHECK(error.what() == std::string("a: /x: 1, expected 2\na: /y: 3, expected 4"));
  CHECK(error.problems().size() == 2);
}

TEST_CASE("a failed check throws its message", "[error]") {
  CHECK_NOTHROW([] { LNSIM_CHECK(1 + 1 == 2, "never"); }());
  CHECK_THROWS_WITH([] { LNSIM_CHECK(1 + 1 == 3, std::string("busy + stalls = ") + "7, cycles = 8"); }(),
                    "busy + stalls = 7, cycles = 8");
}

TEST_CASE("the message of a check is evaluated on failure only", "[error]") {
  int evaluations = 0;
  const auto message = [&] {
    ++evaluations;
    return std::string("x");
  };
  LNSIM_CHECK(true, message());
  CHECK(evaluations == 0);
}
