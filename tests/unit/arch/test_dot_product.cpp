// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/arch/scheme.hpp"
#include "tests/unit/arch/arch_support.hpp"

using namespace lnsim;
using lnsim::test::contains;
using lnsim::test::input_error;
using lnsim::test::json_of;
using numerics::FormatKind;

namespace {

DotProductParams read(std::string_view text) { return read_dot_product(json_of(text), "unit.json", ""); }
std::string unit_error(std::string_view text) {
  return input_error([&] { (void)read(text); });
}
Json written(const DotProductParams& params) { return write_dot_product(params, params.format_a->kind()); }

constexpr const char* kLns = R"({"format": {"type": "lns", "bits": 8, "gamma": 8, "zero": "zero_code"},
  "vector_size": 32, "conversion": {"structure": "per_element", "lut_entries": 8, "fraction_bits": 8,
  "tree_fraction_bits": 0}, "sign_split": true,
  "accumulator": {"type": "fixed", "bits": 24, "guard": 6, "rounding": "floor"}})";

}  // namespace

TEST_CASE("a full LNS unit reads back as it is written", "[arch]") {
  const DotProductParams params = read(kLns);
  CHECK(params.format_a->name() == "lns(8,8,zero_code)");
  CHECK(params.vector_size == 32U);
  CHECK(params.sign_split);
  CHECK(params.accumulator.fixed->guard == 6U);
  CHECK(written(params) == json_of(kLns));
}

TEST_CASE("omitted LNS fields are per_element, 8 entries, 8 bits, F 0, guard 6, floor, 32 elements", "[arch]") {
  const Json json = written(read(R"({"format": {"type": "lns", "bits": 8, "gamma": 8},
                                     "accumulator": {"type": "fixed"}})"));
  CHECK(json["conversion"] == json_of(R"({"structure": "per_element", "lut_entries": 8, "fraction_bits": 8,
                                          "tree_fraction_bits": 0})"));
  CHECK(json["accumulator"] == json_of(R"({"type": "fixed", "bits": 24, "guard": 6, "rounding": "floor"})"));
  CHECK(json["sign_split"] == false);
  CHECK(json["vector_size"] == 32);
}

TEST_CASE("the default table is no larger than gamma", "[arch]") {
  const auto params = read(R"({"format": {"type": "lns", "bits": 6, "gamma": 2}, "accumulator": {"type": "fixed"}})");
  CHECK(params.conversion.lut_entries == 2);
  const auto mixed = read(R"({"format_a": {"type": "lns", "bits": 8, "gamma": 4},
                              "format_b": {"type": "lns", "bits": 5, "gamma": 1}, "accumulator": {"type": "fixed"}})");
  CHECK(mixed.conversion.lut_entries == 4);
}

TEST_CASE("a null tree fraction is an exact tree, in conversion and beside it", "[arch]") {
  const auto inside = read(R"({"format": {"type": "lns", "bits": 6, "gamma": 4}, "vector_size": 8,
    "conversion": {"structure": "bin_trees", "lut_entries": 4, "tree_fraction_bits": null},
    "accumulator": {"type": "fixed"}})");
  CHECK(inside.tree_exact);
  CHECK_FALSE(inside.tree_fraction_bits);
  CHECK(written(inside)["conversion"]["tree_fraction_bits"].is_null());
  const auto beside = read(R"({"format": "fp8_e4m3", "tree_fraction_bits": null,
                               "accumulator": {"type": "fixed"}})");
  CHECK(beside.tree_exact);
  CHECK(written(beside)["tree_fraction_bits"].is_null());
  const auto fp_inside = read(R"({"format": "fp8_e4m3", "conversion": {"tree_fraction_bits": 2},
                                  "accumulator": {"type": "fixed"}})");
  CHECK(fp_inside.tree_fraction_bits == 2U);
  CHECK(written(fp_inside)["tree_fraction_bits"] == 2);
  const auto lns_beside = read(R"({"format": {"type": "lns", "bits": 8, "gamma": 8}, "tree_fraction_bits": 3,
                                   "accumulator": {"type": "fixed"}})");
  CHECK(lns_beside.tree_fraction_bits == 3U);
}

TEST_CASE("the window's default follows from operands and accumulator", "[arch]") {
  const auto window = [](const std::string& a, const std::string& b, const std::string& accumulator) {
    return read(R"({"format_a": ")" + a + R"(", "format_b": ")" + b + R"(", "accumulator": )" + accumulator + "}")
        .window;
  };
  CHECK(window("fp32", "bf16", R"({"type": "float"})") == 28U);
  CHECK(window("fp8_e4m3", "fp8_e5m2", R"({"type": "float"})") == 24U);
  CHECK(window("fp8_e4m3", "fp8_e4m3", R"({"type": "float", "exponent": 5, "mantissa": 10, "bias": 7})") == 16U);
  CHECK(window("fp32", "fp32", R"({"type": "float", "exponent": 5, "mantissa": 10})") == 28U);
}

TEST_CASE("float accumulators default to FP32 with rounding to nearest even", "[arch]") {
  const Json json = written(read(R"({"format": "bf16", "accumulator": {"type": "float"}})"));
  CHECK(json["accumulator"] ==
        json_of(R"({"type": "float", "exponent": 8, "mantissa": 23, "rounding": "rhe", "bias": 127})"));
  CHECK_FALSE(json.contains("tree_fraction_bits"));
  CHECK_FALSE(json.contains("conversion"));
}

TEST_CASE("fixed accumulators of floating-point products default to 3 guard bits", "[arch]") {
  const auto params = read(R"({"format": "fp8_e5m2", "accumulator": {"type": "fixed", "bits": 32}})");
  CHECK(params.accumulator.fixed->guard == 3U);
  CHECK(params.tree_fraction_bits == 0U);
  CHECK_FALSE(params.window);
}

TEST_CASE("an integer unit has an accumulator and nothing else", "[arch]") {
  const DotProductParams params = read(R"({"format": "int8", "accumulator": {"type": "fixed", "bits": 24}})");
  CHECK_FALSE(params.accumulator.fixed->guard);
  CHECK(written(params) == json_of(R"({"format": "int8", "vector_size": 32,
                                       "accumulator": {"type": "fixed", "bits": 24}})"));
}

TEST_CASE("a chunked sum has an outer accumulator like the inner one unless it is named", "[arch]") {
  const Json same = written(read(R"({"format": "fp8_e4m3", "accumulator":
    {"type": "float", "exponent": 6, "mantissa": 9, "rounding": "zero", "chunk": 64}})"));
  CHECK(same["accumulator"]["outer"] ==
        json_of(R"({"type": "float", "exponent": 6, "mantissa": 9, "rounding": "zero", "bias": 31})"));
  const auto other = read(R"({"format": "int8", "accumulator": {"type": "fixed", "bits": 16, "chunk": 64,
    "outer": {"type": "float"}}})");
  CHECK(other.accumulator.chunk == 64U);
  CHECK_FALSE(other.accumulator.outer_fixed);
  CHECK(other.accumulator.outer_floating->mantissa == 23);
  CHECK(written(read_dot_product(written(other), "", "")) == written(other));
}

TEST_CASE("fields of other operand kinds are reported with their pointer", "[arch]") {
  const std::string lns = R"({"format": {"type": "lns", "bits": 8, "gamma": 8}, )";
  CHECK(contains(unit_error(lns + R"("window": 24, "accumulator": {"type": "fixed"}})"), "/window: 24"));
  const std::string int8 = R"({"format": "int8", )";
  CHECK(contains(unit_error(int8 + R"("sign_split": true, "accumulator": {"type": "fixed"}})"), "/sign_split"));
  CHECK(contains(unit_error(int8 + R"("tree_fraction_bits": 0, "accumulator": {"type": "fixed"}})"),
                 "/tree_fraction_bits: 0"));
  CHECK(contains(unit_error(int8 + R"("accumulator": {"type": "fixed", "guard": 3}})"), "/accumulator/guard: 3"));
  CHECK(contains(unit_error(int8 + R"("accumulator": {"type": "fixed", "rounding": "floor"}})"),
                 "/accumulator/rounding"));
  const std::string bf16 = R"({"format": "bf16", )";
  CHECK(contains(unit_error(bf16 + R"("conversion": {"lut_entries": 8}, "accumulator": {"type": "float"}})"),
                 "/conversion/lut_entries: 8"));
  CHECK(contains(unit_error(bf16 + R"("window": 24, "accumulator": {"type": "fixed"}})"), "/window: 24"));
  CHECK(contains(unit_error(bf16 + R"("tree_fraction_bits": null, "accumulator": {"type": "float"}})"),
                 "/tree_fraction_bits: null"));
}

TEST_CASE("fields of the other accumulator are reported with their pointer", "[arch]") {
  const auto accumulator = [](const std::string& text) {
    return unit_error(R"({"format": "fp8_e4m3", "accumulator": )" + text + "}");
  };
  CHECK(contains(accumulator(R"({"type": "fixed", "mantissa": 10})"), "/accumulator/mantissa: 10"));
  CHECK(contains(accumulator(R"({"type": "float", "bits": 24})"), "/accumulator/bits: 24"));
  CHECK(contains(accumulator(R"({"type": "float", "guard": 3})"), "/accumulator/guard: 3"));
  CHECK(contains(accumulator(R"({"type": "float", "rounding": "floor"})"), "/accumulator/rounding: \"floor\""));
  CHECK(contains(accumulator(R"({"type": "fixed", "rounding": "zero"})"), "/accumulator/rounding: \"zero\""));
  CHECK(contains(accumulator(R"({"type": "fixed", "outer": {"type": "float"}})"), "/accumulator/outer"));
  CHECK(contains(accumulator(R"({"type": "fixed", "chunk": 64, "outer": {"type": "fixed", "guard": 1}})"),
                 "/accumulator/outer/guard"));
  CHECK(contains(accumulator(R"({"type": "fixed", "chunk": 64, "outer": {"type": "float", "bits": 8}})"),
                 "/accumulator/outer/bits: 8"));
  CHECK(contains(accumulator(R"({"bits": 24})"), "/accumulator: no \"type\""));
}

TEST_CASE("units that the arithmetic refuses are input errors", "[arch]") {
  CHECK(contains(unit_error(R"({"format": "fp8_e4m3", "accumulator": {"type": "fixed", "chunk": 33}})"), "chunk"));
  CHECK(contains(unit_error(R"({"format_a": "int8", "format_b": "bf16", "accumulator": {"type": "fixed"}})"),
                 "int8 x bf16"));
  CHECK(contains(unit_error(R"({"format": {"type": "lns", "bits": 8, "gamma": 8}, "conversion": {"lut_entries": 16},
                              "accumulator": {"type": "fixed"}})"),
                 "a unit that exists"));
  CHECK(contains(unit_error(R"({"format": {"type": "lns", "bits": 16, "gamma": 1}, "tree_fraction_bits": null,
                              "accumulator": {"type": "fixed"}})"),
                 "a unit that exists"));
  CHECK(contains(unit_error(R"({"format": {"type": "lns", "bits": 8, "gamma": 8}, "accumulator": {"type": "float"}})"),
                 "a unit that exists"));
}

TEST_CASE("a unit needs its operand formats and knows its keys", "[arch]") {
  CHECK(contains(unit_error(R"({"accumulator": {"type": "fixed"}})"), "format"));
  CHECK(contains(unit_error(R"({"format_a": "int8", "accumulator": {"type": "fixed"}})"), "\"format_b\""));
  CHECK(contains(unit_error(R"({"format": "int8", "format_b": "int8", "accumulator": {"type": "fixed"}})"),
                 "\"format_b\""));
  CHECK(contains(unit_error(R"({"format": "int8"})"), "accumulator"));
  CHECK(contains(unit_error(R"({"format": "int8", "acumulator": {"type": "fixed"}})"), "\"accumulator\""));
  CHECK(contains(unit_error(R"({"format": "int8", "vector_size": 0, "accumulator": {"type": "fixed"}})"),
                 "/vector_size: 0"));
  CHECK(contains(unit_error(R"({"format": "bf16", "conversion": {"tree_fraction_bits": 0}, "tree_fraction_bits": 0,
                              "accumulator": {"type": "fixed"}})"),
                 "one place"));
  CHECK(contains(unit_error(R"({"format": "bf16", "tree_fraction_bits": 1.5, "accumulator": {"type": "fixed"}})"),
                 "/tree_fraction_bits: 1.5"));
}

TEST_CASE("dot_spec leaves out what does not belong to its operands", "[arch]") {
  DotProductParams params = read(kLns);
  params.window = 24;
  const auto lns = dot_spec(params, params.format_a, params.format_b, 16);
  CHECK_FALSE(lns.window);
  CHECK(lns.tree_fraction_bits == 0U);
  CHECK(lns.vector_size == 16);
  DotProductParams integers = read(R"({"format": "int8", "accumulator": {"type": "fixed"}})");
  integers.tree_fraction_bits = 4;
  const auto spec = dot_spec(integers, integers.format_a, integers.format_b, 32);
  CHECK_FALSE(spec.tree_fraction_bits);
  CHECK_NOTHROW(numerics::make_dot_unit(spec));
}

TEST_CASE("the unit's schema lists null for exact trees and the formats", "[arch]") {
  const Json schema = dot_product_schema();
  CHECK(schema["properties"]["tree_fraction_bits"]["type"] == json_of(R"(["integer", "null"])"));
  CHECK(schema["properties"]["conversion"]["properties"]["tree_fraction_bits"]["type"][1] == "null");
  CHECK(schema["properties"]["format"].contains("anyOf"));
  CHECK(schema["additionalProperties"] == false);
}
