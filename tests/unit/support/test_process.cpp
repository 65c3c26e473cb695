// SPDX-License-Identifier: Apache-2.0
#include "sim/support/process.hpp"

#include <catch2/catch.hpp>
#include <system_error>

using namespace lnsim;

TEST_CASE("a process gives its output, errors and exit code", "[process]") {
  const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 7"});
  CHECK(result.out == "out\n");
  CHECK(result.err == "err\n");
  CHECK(result.code == 7);
}

TEST_CASE("words reach a process as they are", "[process]") {
  CHECK(run_process({"printf", "%s|", "a b", "$(x)", "", "'\"\n"}).out == "a b|$(x)||'\"\n|");
}

TEST_CASE("output of any length is taken", "[process]") {
  CHECK(run_process({"sh", "-c", "head -c 3000000 /dev/zero"}).out.size() == 3000000);
}

TEST_CASE("a process reads nothing and is ended by signals", "[process]") {
  CHECK(run_process({"cat"}).out.empty());
  CHECK(run_process({"sh", "-c", "kill -TERM $$"}).code == 128 + 15);
}

TEST_CASE("a program that is not there is an error", "[process]") {
  CHECK_THROWS_AS(run_process({"lnsim-no-such-program"}), std::system_error);
}
