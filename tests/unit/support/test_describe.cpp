// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/unit/support/described_example.hpp"

using example::input_error_of;
using example::Machine;
using lnsim::parse_json;

namespace {

/// What reading `members` (beside the required ones) complains about.
std::string complaint(const std::string& members) {
  const std::string text = R"({"schema": "example.machine/1", "name": "m", )" + members + "}";
  return input_error_of([&] { return lnsim::read_object<Machine>(parse_json(text, "m.json")); });
}

}  // namespace

TEST_CASE("fields that are not written keep their defaults", "[describe]") {
  const auto m = lnsim::read_object<Machine>(parse_json(R"({"schema": "example.machine/1", "name": "m"})", "m.json"));
  CHECK(m.pe == example::Lane{});
  CHECK_FALSE(m.spare.has_value());
}

TEST_CASE("what is written is read back equal", "[describe]") {
  Machine m;
  m.name = "full";
  m.bytes = 18446744073709551615U;
  m.tiny = -128;
  m.kind = example::Kind::kFloat;
  m.kinds = {example::Kind::kFloat, example::Kind::kInt};
  m.pe = {.lanes = 7, .scale = 0.1, .fraction = 3};
  m.spare = example::Lane{};
  m.layers = {{.lanes = 1, .scale = 1, .fraction = {}}, {.lanes = 2, .scale = 1e-300, .fraction = 0}};
  m.padding = {1, 2};
  m.states["b"] = {};
  m.prices["add"] = 0.25;
  m.format = "int8";
  const std::string text = lnsim::dump_json(lnsim::write_object(m));
  CHECK(lnsim::read_object<Machine>(parse_json(text, "m.json")) == m);
}

TEST_CASE("a value out of range names file, pointer, value and range", "[describe]") {
  CHECK(complaint(R"("pe": {"lanes": 0})") == "m.json: /pe/lanes: 0, expected 1..1024");
  CHECK(complaint(R"("pe": {"lanes": -3})") == "m.json: /pe/lanes: -3, expected 1..1024");
  CHECK(complaint(R"("pe": {"scale": 0})") == "m.json: /pe/scale: 0, expected > 0");
  CHECK(complaint(R"("tiny": 128)") == "m.json: /tiny: 128, expected -128..127");
}

TEST_CASE("integers beyond 64 bits are refused, not wrapped", "[describe]") {
  CHECK(complaint(R"("bytes": 18446744073709551616)") ==
        "m.json: /bytes: 18446744073709551616, expected 0..18446744073709551615");
  CHECK(complaint(R"("bytes": -1)") == "m.json: /bytes: -1, expected 0..18446744073709551615");
  CHECK(complaint(R"("tiny": 9223372036854775808)") == "m.json: /tiny: 9223372036854775808, expected -128..127");
}

TEST_CASE("the largest 64-bit size is accepted exactly", "[describe]") {
  CHECK(complaint(R"("bytes": 18446744073709551615)").empty());
}

TEST_CASE("an integer written with a fraction is refused", "[describe]") {
  CHECK(complaint(R"("pe": {"lanes": 1.5})") == "m.json: /pe/lanes: 1.5, expected an integer 1..1024");
}

TEST_CASE("a whole number is an integer however it is written", "[describe]") {
  CHECK(complaint(R"("pe": {"lanes": 32.0})").empty());
  CHECK(complaint(R"("pe": {"lanes": 3.2e1})").empty());
}

TEST_CASE("a value of the wrong type names the expected one", "[describe]") {
  CHECK(complaint(R"("pe": {"lanes": "32"})") == "m.json: /pe/lanes: \"32\", expected an integer 1..1024");
  CHECK(complaint(R"("pe": [])") == "m.json: /pe: an empty array, expected an object");
  CHECK(complaint(R"("fast": 1)") == "m.json: /fast: 1, expected true or false");
  CHECK(complaint(R"("layers": {})") == "m.json: /layers: an empty object, expected an array");
  CHECK(complaint(R"("pe": {"scale": null})") == "m.json: /pe/scale: null, expected a number > 0");
  CHECK(complaint(R"("kind": 3)") == "m.json: /kind: 3, expected one of \"int\", \"float\"");
}

TEST_CASE("an unknown key suggests the nearest known one", "[describe]") {
  CHECK(complaint(R"("pe": {"lnaes": 4})") == "m.json: /pe/lnaes: unknown key, expected \"lanes\"");
  CHECK(complaint(R"("pe": {"zz": 4})") ==
        "m.json: /pe/zz: unknown key, expected one of \"lanes\", \"scale\", \"fraction\"");
}

TEST_CASE("an unknown name suggests the nearest known one", "[describe]") {
  CHECK(complaint(R"("kind": "flaot")") == "m.json: /kind: \"flaot\", expected \"float\"");
  CHECK(complaint(R"("kinds": ["int", "x"])") == "m.json: /kinds/1: \"x\", expected one of \"int\", \"float\"");
}

TEST_CASE("a missing required field is reported at its place", "[describe]") {
  const auto read = [] {
    return lnsim::read_object<Machine>(parse_json(R"({"schema": "example.machine/1"})", "m.json"));
  };
  CHECK(input_error_of(read) == "m.json: no \"name\", expected it to be given");
}

TEST_CASE("a file of another kind is refused", "[describe]") {
  const auto read = [] {
    return lnsim::read_object<Machine>(parse_json(R"({"schema": "x/1", "name": "m"})", "m.json"));
  };
  CHECK(input_error_of(read) == "m.json: /schema: \"x/1\", expected \"example.machine/1\"");
}

TEST_CASE("every problem is reported at once", "[describe]") {
  CHECK(complaint(R"("tiny": 1.5, "layers": [{"lanes": 0}, {}, {"lanes": 2000}], "a/b": 1)") ==
        "m.json: /tiny: 1.5, expected an integer -128..127\n"
        "m.json: /layers/0/lanes: 0, expected 1..1024\n"
        "m.json: /layers/2/lanes: 2000, expected 1..1024\n"
        "m.json: /a~1b: unknown key, expected one of \"schema\", \"name\", \"bytes\", \"tiny\", \"fast\", \"kind\", "
        "\"kinds\", \"pe\", \"spare\", \"layers\", \"padding\", \"states\", \"prices\", \"format\"");
}

TEST_CASE("too many items are refused", "[describe]") {
  CHECK(complaint(R"("layers": [{}, {}, {}, {}])") == "m.json: /layers: 4 items, expected 0..3 items");
  CHECK(complaint(R"("padding": [1, 2, 3])") == "m.json: /padding: 3 items, expected 0..2 items");
}

TEST_CASE("items of lists and maps are checked one by one", "[describe]") {
  CHECK(complaint(R"("padding": [1, 65])") == "m.json: /padding/1: 65, expected 0..64");
  CHECK(complaint(R"("prices": {"add": -1})") == "m.json: /prices/add: -1, expected >= 0");
  CHECK(complaint(R"("states": {"m": {"lanes": true}})") ==
        "m.json: /states/m/lanes: true, expected an integer 1..1024");
}

TEST_CASE("null empties an optional", "[describe]") {
  CHECK(complaint(R"("spare": null, "pe": {"fraction": null})").empty());
}

TEST_CASE("rules over several fields run after a clean read", "[describe]") {
  CHECK(complaint(R"("fast": true)") == "m.json: /bytes: 0, expected at least 1 in a fast machine");
  CHECK(complaint(R"("fast": true, "tiny": 1.5)") == "m.json: /tiny: 1.5, expected an integer -128..127");
}

TEST_CASE("a flood of problems is cut short", "[describe]") {
  lnsim::Problems problems("m.json");
  for (int i = 0; i < 100; ++i) problems.add("/x", std::to_string(i), "nothing");
  const std::string message = input_error_of([&] {
    problems.throw_if_any();
    return 0;
  });
  CHECK(message.find("/x: 19,") != std::string::npos);
  CHECK(message.find("/x: 20,") == std::string::npos);
  CHECK(message.find("and 80 more problems") != std::string::npos);
}

TEST_CASE("a struct can be read from inside a file", "[describe]") {
  const auto read = [] {
    return lnsim::read_object<example::Lane>(lnsim::Json{{"lanes", 0}}, "m.json", "/requests/3");
  };
  CHECK(input_error_of(read) == "m.json: /requests/3/lanes: 0, expected 1..1024");
}
