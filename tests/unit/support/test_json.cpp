// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <clocale>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>

#include "sim/support/files.hpp"
#include "sim/support/json_view.hpp"
#include "tests/unit/support/described_example.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using example::input_error_of;
using lnsim::dump_json;
using lnsim::Json;

namespace {

std::string parse_complaint(const std::string& text) {
  return input_error_of([&] { return lnsim::parse_json(text, "x.json"); });
}

std::optional<Json> fast_parse(const std::string& text) {
  try {
    const auto sound = lnsim::SoundJson::parse(text, false);
    return sound ? std::optional(sound->root().json()) : std::nullopt;
  } catch (const lnsim::UnsoundJson&) {
    return std::nullopt;
  }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("values of every kind are parsed", "[json]") {
  const Json root = lnsim::parse_json(R"( {"a": [1, -2, 2.5, true, null, "\u00e9\n"], "b": {"c": {}}} )", "x").root;
  CHECK(root["a"][0].is_number_unsigned());
  CHECK(root["a"][1].get<int>() == -2);
  CHECK(root["a"][2].get<double>() == 2.5);
  CHECK(root["a"][5].get<std::string>() == "\xC3\xA9\n");
  CHECK(root["b"]["c"].empty());
}

TEST_CASE("keys keep their order", "[json]") {
  CHECK(dump_json(lnsim::parse_json(R"({"z": 1, "a": 2})", "x").root) == "{\n  \"z\": 1,\n  \"a\": 2\n}\n");
}

TEST_CASE("malformed text is reported with line and column", "[json]") {
  CHECK(parse_complaint("{\n  \"a\": 1,\n}") ==
        "x.json: line 3, column 1: object key - unexpected '}', expected string literal");
  CHECK(parse_complaint("[1, 2") == "x.json: line 1, column 6: array - unexpected end of input, expected ']'");
  CHECK(parse_complaint("{\"a\" 1}").find("x.json: line 1, column 6: ") == 0);
  CHECK(parse_complaint("\"\xC3\xA9\" x").find("x.json: line 1, column 5: ") == 0);
}

TEST_CASE("text after the value is refused", "[json]") {
  CHECK(parse_complaint("{} {}") == "x.json: line 1, column 4: value - unexpected '{', expected end of input");
}

TEST_CASE("comments, NaN and other extensions are refused", "[json]") {
  for (const char* text : {"// c\n{}", "[NaN]", "[Infinity]", "[1,]", "{'a': 1}", "[01]", "[+1]", "[.5]", "[0x10]"}) {
    INFO(text);
    CHECK(parse_complaint(text).find("x.json: line ") == 0);
  }
}

TEST_CASE("a duplicate key is refused", "[json]") {
  CHECK(parse_complaint("{\"lanes\": 1,\n \"lanes\": 2}") ==
        "x.json: line 2, column 8: duplicate key \"lanes\", expected each key once");
  CHECK(parse_complaint(R"({"a": 1, "\u0061": 2})").find("duplicate key \"a\"") != std::string::npos);
  CHECK(parse_complaint(R"([{"a": 1}, {"a": 2}, {"b": {"a": 3}, "a": 4}])").empty());
}

TEST_CASE("nesting is bounded on both sides of the limit", "[json]") {
  CHECK(parse_complaint(nested(64)).empty());
  CHECK(parse_complaint(nested(65)) ==
        "x.json: line 1, column 65: nesting deeper than 64, expected at most 64 levels of objects and arrays");
  CHECK(parse_complaint(std::string(1000000, '[')).find("nesting deeper than 64") != std::string::npos);
}

TEST_CASE("a number beyond binary64 is refused", "[json]") {
  CHECK(parse_complaint("{\"a\": 1e400}") ==
        "x.json: line 1, column 11: '1e400', expected a number within the range of binary64");
  CHECK(parse_complaint("[1.7976931348623157e308]").empty());
}

TEST_CASE("bytes that are not UTF-8 are refused", "[json]") {
  CHECK(parse_complaint("[\"\xFF\"]").find("x.json: line 1, column 3: ") == 0);
  CHECK(parse_complaint("[\"\xED\xA0\x80\"]").find("UTF-8") != std::string::npos);
  CHECK(parse_complaint(R"(["\ud800"])").find("surrogate") != std::string::npos);
}

TEST_CASE("a byte order mark, a NUL byte and empty text are refused", "[json]") {
  CHECK(parse_complaint("\xEF\xBB\xBF{}") ==
        "x.json: line 1, column 1: a byte order mark, expected JSON in UTF-8 without it");
  CHECK(parse_complaint(std::string("{}\0{}", 5)) == "x.json: line 1, column 3: a NUL byte, expected JSON");
  CHECK(parse_complaint("") == "x.json: an empty file, expected JSON");
  CHECK(parse_complaint(" \n ").find("unexpected end of input") != std::string::npos);
}

TEST_CASE("files that are missing, directories or empty are refused", "[json]") {
  const lnsim::test::ScratchFolder folder;
  const auto read = [&](const std::string& name) {
    return input_error_of([&] { return lnsim::read_json_file(folder.path() / name); });
  };
  CHECK(read("none.json") ==
        (folder.path() / "none.json").string() + ": No such file or directory, expected a JSON file");
  CHECK(read(".") == (folder.path() / ".").string() + ": a directory, expected a JSON file");
  lnsim::write_file_atomically(folder.path() / "empty.json", "");
  CHECK(read("empty.json") == (folder.path() / "empty.json").string() + ": an empty file, expected JSON");
}

TEST_CASE("the fast parser builds what the library's own does", "[json]") {
  for (const char* text : {"{}",
                           "[]",
                           "0",
                           "-0",
                           "1",
                           "-1",
                           "18446744073709551615",
                           "-9223372036854775808",
                           "1.5",
                           "-0.0",
                           "1e-300",
                           "123456789012345678901234567890e-10",
                           "0.1",
                           "true",
                           "false",
                           "null",
                           "\"\"",
                           "\"a\\u00e9\\n\\\"\\ud83d\\ude00\"",
                           " [ 1 , [ 2 , { \"a\" : [ ] } ] , null ] ",
                           "{\"a\":{\"b\":[{\"c\":1.0}]},\"\":2}"}) {
    INFO(text);
    const auto fast = fast_parse(text);
    REQUIRE(fast);
    CHECK(fast->dump() == Json::parse(text).dump());
    CHECK(fast->type() == (std::string(text) == "-0" ? Json(0U) : Json::parse(text)).type());
  }
}

TEST_CASE("the fast parser accepts nothing that the strict one refuses", "[json]") {
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  for (const std::string& text :
       {std::string("{\"a\":1,\"a\":2}"), many + "\"k7\":0}", nested(65), std::string("1e400"), std::string("[1,]"),
        std::string("{\"a\":1} 2"), std::string("\"\xff\""), std::string("\"\\ud800\""), std::string("nan"),
        std::string("[1"), std::string("// x\n1"), std::string("'a'"), std::string("01"), std::string("+1"),
        std::string("\"a\nb\"")}) {
    INFO(text);
    CHECK_FALSE(fast_parse(text));
    CHECK(parse_complaint(text) != "");
  }
  CHECK(fast_parse(nested(64)));
  CHECK(fast_parse(many + "\"k40\":0}"));
}

TEST_CASE("a large integer, which only the strict parser reads, is read", "[json]") {
  CHECK_FALSE(fast_parse("18446744073709551616"));
  CHECK(lnsim::parse_json("18446744073709551616", "x.json").root == 18446744073709551616.0);
}

TEST_CASE("a view visits members and elements in order", "[json]") {
  const auto sound = lnsim::SoundJson::parse(R"({"b":[1,{"x":2}],"a":3})", false);
  REQUIRE(sound);
  std::string seen;
  sound->root().members([&](std::string_view key, const lnsim::JsonView& value) {
    seen += std::string(key) + (value.is_array() ? "[" : value.is_object() ? "{" : "") + value.json().dump() + ";";
    if (value.is_array()) value.items([&](const lnsim::JsonView& item) { seen += item.json().dump() + ","; });
  });
  CHECK(seen == "b[[1,{\"x\":2}];1,{\"x\":2},a3;");
}

TEST_CASE("a view knows the size of its array", "[json]") {
  const auto size = [](const char* text) { return lnsim::SoundJson::parse(text, false)->root().size(); };
  CHECK(size("[]") == 0);
  CHECK(size("[1,[2,3],{\"a\":4}]") == 3);
}

TEST_CASE("a view's counts are whole numbers from 0", "[json]") {
  const auto count = [](const char* text) { return lnsim::SoundJson::parse(text, false)->root().count(); };
  CHECK(count("0") == 0U);
  CHECK(count("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"-1", "1.5", "1.0", "\"1\"", "true", "null", "[]", "{}"}) {
    INFO(text);
    CHECK_FALSE(count(text));
  }
}

TEST_CASE("a parsed text may be moved", "[json]") {
  auto sound = lnsim::SoundJson::parse("[1,2]", false);
  REQUIRE(sound);
  const lnsim::SoundJson moved = std::move(*sound);
  sound.reset();
  CHECK(moved.root().json().dump() == "[1,2]");
}

TEST_CASE("what is dumped is parsed back equal", "[json]") {
  const Json value{{"x", {0.1, -0.0, 1e300, 1.0}},
                   {"n", 18446744073709551615U},
                   {"s", "\"\\\x01"},
                   {"e", Json::array()},
                   {"o", {{"list", {{{"a", 1}}, {{"a", 2}}}}}}};
  CHECK(lnsim::parse_json(dump_json(value), "x").root == value);
}

TEST_CASE("a whole double stays a double", "[json]") { CHECK(dump_json(Json(3.0)) == "3.0\n"); }

TEST_CASE("arrays of scalars are written on one line", "[json]") {
  CHECK(dump_json(Json{{"a", {1, 2}}}) == "{\n  \"a\": [1, 2]\n}\n");
}

TEST_CASE("NaN, infinity and malformed strings are not written", "[json]") {
  CHECK_THROWS_AS(dump_json(Json(std::nan(""))), lnsim::SimulationError);
  CHECK_THROWS_AS(dump_json(Json(std::numeric_limits<double>::infinity())), lnsim::SimulationError);
  CHECK_THROWS_AS(dump_json(Json("\xFF")), lnsim::SimulationError);
}

TEST_CASE("values in messages are short, on one line and safe", "[json]") {
  CHECK(lnsim::brief_json(Json("a\x1b\n")) == "\"a\\u001b\\n\"");
  CHECK(lnsim::brief_json(Json(std::string(500, 'x'))).size() < 70);
  CHECK(lnsim::brief_json(Json::object()) == "an empty object");
}
