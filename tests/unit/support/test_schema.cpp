// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/support/described_example.hpp"

using lnsim::Json;

TEST_CASE("a schema carries types, ranges, defaults and texts", "[schema]") {
  const Json schema = lnsim::schema_of<example::Machine>("machine");
  CHECK(schema["title"] == "machine");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == Json{"schema", "name"});
  const Json& properties = schema["properties"];
  CHECK(properties["schema"]["const"] == "example.machine/1");
  CHECK(properties["bytes"]["description"] == "size [bytes]");
  CHECK(properties["kind"] == Json{{"enum", {"int", "float"}}, {"default", "int"}, {"description", "kind of number"}});
  const Json& lanes = properties["pe"]["properties"]["lanes"];
  CHECK(lanes == Json{{"type", "integer"},
                      {"minimum", 1},
                      {"maximum", 1024},
                      {"default", 32},
                      {"description", "dot-product lanes per PE"}});
  CHECK(properties["pe"]["properties"]["scale"]["exclusiveMinimum"] == 0);
  CHECK(properties["pe"]["properties"]["fraction"]["type"] == Json{"integer", "null"});
  CHECK(properties["layers"]["maxItems"] == 3);
  CHECK(properties["padding"]["items"]["maximum"] == 64);
  CHECK(properties["padding"]["maxItems"] == 2);
  CHECK(properties["states"]["additionalProperties"]["type"] == "object");
}

TEST_CASE("the table of fields lists nested ones with default, range and unit", "[schema]") {
  const auto rows = lnsim::fields_of<example::Machine>();
  const auto row = [&](const std::string& pointer) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.pointer == pointer; });
    REQUIRE(found != rows.end());
    return *found;
  };
  CHECK(row("/pe/lanes").defaults == "32");
  CHECK(row("/pe/lanes").range == "1..1024");
  CHECK(row("/pe/scale").unit == "V");
  CHECK(row("/name").defaults == "required");
  CHECK(row("/kind").range == "int, float");
  CHECK(row("/layers/*/lanes").text == "dot-product lanes per PE");
}
