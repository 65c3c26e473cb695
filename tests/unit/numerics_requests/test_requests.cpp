// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/format.hpp"
#include "sim/numerics/requests/evaluate.hpp"

using namespace lnsim::numerics;
using nlohmann::json;

namespace {

const json kLns8 = json::parse(R"({"type": "lns", "bits": 8, "gamma": 8, "zero": "zero_code"})");

/// The result of one request, which must be the only one.
json answer(const json& request) {
  bool any_error = true;
  const json results = evaluate_numerics({{"schema", "lnsim.numerics/1"}, {"requests", {request}}}, any_error);
  REQUIRE(results.at("schema") == "lnsim.numerics/1");
  REQUIRE(results.at("results").size() == 1);
  const json& result = results.at("results").at(0);
  CHECK(any_error == result.contains("error"));
  return result;
}

json lns_request() {
  return {{"op", "dot"},     {"format", kLns8},    {"V", 2}, {"sa", {0, 1, 0}}, {"ea", {127, 127, 119}},
          {"sb", {0, 0, 0}}, {"eb", {127, 119, 0}}};
}

json int_request() {
  return {{"op", "dot"},        {"format", "int8"}, {"V", 2}, {"accumulator", {{"type", "fixed"}, {"bits", 24}}},
          {"a", {1, 255, 100}}, {"b", {2, 3, 100}}};
}

void check_error(json request, const std::string& part) {
  const json result = answer(request);
  INFO(request.dump() << " -> " << result.dump());
  REQUIRE(result.contains("error"));
  CHECK(result.size() == 1);
  CHECK(result.at("error").get<std::string>().find(part) != std::string::npos);
}

/// The request with one member replaced.
json with(json request, const std::string& key, const json& value) {
  request[key] = value;
  return request;
}

}  // namespace

TEST_CASE("quantize answers sign, e and value for LNS and a code for the others") {
  CHECK(answer({{"op", "quantize"}, {"format", kLns8}, {"x", -0.5}}) ==
        json({{"sign", 1}, {"e", 119}, {"value", -0.5}}));
  CHECK(answer({{"op", "quantize"}, {"format", kLns8}, {"x", "-inf"}, {"scale", 2}}) ==
        json({{"sign", 1}, {"e", 127}, {"value", -2.0}}));
  CHECK(answer({{"op", "quantize"}, {"format", "int8"}, {"x", -3.6}, {"scale", 0.5}}) ==
        json({{"code", 249}, {"value", -3.5}}));
  CHECK(answer({{"op", "quantize"}, {"format", "fp8_e4m3"}, {"x", "inf"}}) == json({{"code", 0x7E}, {"value", 448.0}}));
}

TEST_CASE("decode answers the value") {
  CHECK(answer({{"op", "decode"}, {"format", kLns8}, {"sign", 1}, {"e", 119}, {"scale", 4}}) ==
        json({{"value", -2.0}}));
  CHECK(answer({{"op", "decode"}, {"format", "int4"}, {"code", 8}}) == json({{"value", -8.0}}));
  CHECK(answer({{"op", "decode"}, {"format", "bf16"}, {"code", 0x3F80}}) == json({{"value", 1.0}}));
}

TEST_CASE("A dot of LNS operands has the documented defaults and an integer acc") {
  const json result = answer(lns_request());
  // 1 * 1 - 1 * 1/2 and a zero: full scale is 431 * 8 << 31, R = 26.
  CHECK(result.at("acc") == ((431LL * 8 << 31) - (431LL * 8 << 30)) >> 26);
  CHECK(result.at("acc").is_number_integer());
  CHECK(result.at("saturations") == 0);
  CHECK(result.at("value").get<double>() == Approx(0.5).epsilon(2e-3));
  const json explicit_defaults = {{"L", 8},
                                  {"C", 8},
                                  {"A", 24},
                                  {"G", 6},
                                  {"rnd", "floor"},
                                  {"F", nullptr},
                                  {"structure", "bin_trees"},
                                  {"scale_a", 1},
                                  {"scale_b", 1.0}};
  json request = lns_request();
  request.update(explicit_defaults);
  CHECK(answer(request) == result);
  CHECK(answer(with(lns_request(), "scale_b", 4)).at("value") == 4 * result.at("value").get<double>());
}

TEST_CASE("A dot of LNS operands may have two formats") {
  json request = lns_request();
  request.erase("format");
  request["format_a"] = kLns8;
  request["format_b"] = {{"type", "lns"}, {"bits", 5}, {"gamma", 1}};
  request["eb"] = {15, 14, 0};
  CHECK(answer(request).at("value").get<double>() == Approx(0.5).epsilon(2e-3));
}

TEST_CASE("A dot of INT operands has an exact integer acc") {
  CHECK(answer(int_request()) == json({{"acc", 9999}, {"saturations", 0}, {"value", 9999.0}}));
  const json small = with(int_request(), "accumulator", {{"type", "fixed"}, {"bits", 8}});
  CHECK(answer(small) == json({{"acc", 127}, {"saturations", 1}, {"value", 127.0}}));
  json chunked = with(int_request(), "accumulator",
                      {{"type", "fixed"},
                       {"bits", 24},
                       {"chunk", 2},
                       {"outer", {{"type", "float"}, {"exponent", 8}, {"mantissa", 7}}}});
  CHECK(answer(chunked) == json({{"acc", 9984.0}, {"saturations", 0}, {"value", 9984.0}}));
}

TEST_CASE("A dot of FP operands has an exact real acc") {
  const json request = {{"op", "dot"},       {"format", "fp8_e4m3"},
                        {"V", 32},           {"accumulator", {{"type", "float"}, {"exponent", 8}, {"mantissa", 23}}},
                        {"a", {0x38, 0x3C}}, {"b", {0x38, 0x30}},
                        {"scale_a", 2}};
  CHECK(answer(request) == json({{"acc", 1.75}, {"saturations", 0}, {"value", 3.5}}));
}

TEST_CASE("madam reports the steps that are asked for") {
  const json request = {{"op", "madam"},   {"format", kLns8},   {"BU", 16},
                        {"lr", "1/128"},   {"p_scale", 3},      {"g_bound", 10},
                        {"beta", 0.999},   {"w0", {1.0, -1.0}}, {"grads", {{1.0, 1.0}, {0.0, 0.0}}},
                        {"report", {0, 1}}};
  const json result = answer(request);
  CHECK(result.at("scale") == 3.0);
  CHECK(result.at("sign") == json({0, 1}));
  const int e0 = result.at("e0").at(0).get<int>();
  CHECK(e0 == std::lround(32767 - 2048 * std::log2(3.0)));
  CHECK(result.at("e").at("0") == result.at("e0"));
  CHECK(result.at("e").at("1") == json({e0 - 16, e0 + 16}));
  CHECK(result.at("e").size() == 2);
  CHECK(result.at("forward").at("1") == json({114, 114}));
}

TEST_CASE("An invalid request is answered in its place and the others still are") {
  const json good = {{"op", "decode"}, {"format", "int8"}, {"code", 5}};
  const json bad = {{"op", "decode"}, {"format", "int8"}, {"code", 256}};
  bool any_error = false;
  const json results =
      evaluate_numerics({{"schema", "lnsim.numerics/1"}, {"requests", {good, bad, 7, good}}}, any_error);
  CHECK(any_error);
  const json& list = results.at("results");
  REQUIRE(list.size() == 4);
  CHECK(list[0] == json({{"value", 5.0}}));
  CHECK(list[1].contains("error"));
  CHECK(list[2].contains("error"));
  CHECK(list[3] == list[0]);
}

TEST_CASE("vrr and min_m_acc answer for plain, chunked and sparse sums") {
  const json least = answer({{"op", "min_m_acc"}, {"m_p", 5}, {"n", 4096}});
  CHECK(least.at("min_m_acc") == 9);
  json plain = answer({{"op", "vrr"}, {"m_acc", 9}, {"m_p", 5}, {"n", 4096}});
  CHECK(plain.at("vrr") == least.at("vrr"));
  CHECK(plain.at("ln_v") == least.at("ln_v"));
  CHECK(answer({{"op", "min_m_acc"}, {"m_p", 5}, {"n", 4096}, {"chunk", 64}}).at("min_m_acc") == 5);
  CHECK(answer({{"op", "vrr"}, {"m_acc", 9}, {"m_p", 5}, {"n", 8192}, {"nzr", 0.5}}) == plain);
}

TEST_CASE("Every kind of invalid request names what is wrong") {
  check_error({{"format", "int8"}}, "op");
  check_error({{"op", "multiply"}}, "multiply");
  const json sum = {{"op", "vrr"}, {"m_acc", 10}, {"m_p", 5}, {"n", 4096}};
  check_error({{"op", "vrr"}, {"m_acc", 10}}, "m_p");
  check_error(with(sum, "m_acc", 0), "m_acc");
  check_error(with(sum, "m_p", 65), "m_p");
  check_error(with(sum, "n", 0), "n");
  check_error(with(sum, "n", 4096.5), "n");
  check_error(with(sum, "chunk", 0), "chunk");
  check_error(with(sum, "nzr", 1.5), "nzr");
  check_error(with(sum, "nrz", 1.0), "nrz");
  check_error({{"op", "min_m_acc"}, {"m_acc", 10}, {"m_p", 5}, {"n", 4096}}, "m_acc");
  check_error({{"op", "decode"}, {"format", "int99"}, {"code", 0}}, "int99");
  check_error({{"op", "decode"}, {"format", "int8"}}, "code");
  check_error({{"op", "decode"}, {"format", kLns8}, {"sign", 0}, {"e", 128}}, "e");
  check_error({{"op", "decode"}, {"format", "fp8_e4m3"}, {"code", 0x7F}}, "");
  check_error({{"op", "quantize"}, {"format", "int8"}, {"x", "nan"}}, "nan");
  check_error({{"op", "quantize"}, {"format", "int8"}, {"x", 1}, {"scale", 0}}, "scale");
  check_error({{"op", "quantize"}, {"format", "int8"}, {"x", 1}, {"scael", 2}}, "scael");
  check_error({{"op", "quantize"}, {"format", with(kLns8, "gamma", 3)}, {"x", 1}}, "gamma");
  check_error({{"op", "quantize"}, {"format", with(kLns8, "zero", "none")}, {"x", 1}}, "none");

  check_error(with(lns_request(), "V", 0), "V");
  check_error(with(lns_request(), "L", 16), "LUT");
  check_error(with(lns_request(), "rnd", "zero"), "rhe");
  check_error(with(lns_request(), "rnd", "up"), "up");
  check_error(with(lns_request(), "structure", "tree"), "tree");
  check_error(with(lns_request(), "eb", {1, 2}), "length");
  check_error(with(lns_request(), "sa", {0, 2, 0}), "sa/1");
  check_error(with(lns_request(), "C", 26), "bits");
  check_error(with(lns_request(), "scale_a", -1), "scale_a");
  check_error(with(lns_request(), "W", 24), "W");

  check_error(with(int_request(), "a", {1, 2, 256}), "a/2");
  check_error(with(int_request(), "a", {1, 2}), "length");
  check_error(with(int_request(), "a", {1, 2, -1}), "a/2");
  check_error(with(with(int_request(), "a", json::array()), "b", json::array()), "empty");
  check_error(with(int_request(), "W", 24), "window");
  check_error(with(int_request(), "F", 0), "F");
  check_error(with(int_request(), "F", nullptr), "F");
  check_error(with(int_request(), "L", 8), "L");
  check_error(with(int_request(), "accumulator", {{"type", "fixed"}, {"bits", 24}, {"guard", 2}}), "guard");
  check_error(with(int_request(), "accumulator", {{"type", "fixed"}, {"bits", 24}, {"rounding", "rhe"}}), "rounding");
  check_error(with(int_request(), "accumulator", {{"type", "fixed"}, {"bits", 24}, {"chunk", 3}}), "chunk");
  check_error(with(int_request(), "accumulator",
                   {{"type", "fixed"}, {"bits", 24}, {"outer", {{"type", "fixed"}, {"bits", 24}}}}),
              "chunk");
  check_error(
      with(int_request(), "accumulator", {{"type", "float"}, {"exponent", 8}, {"mantissa", 23}, {"rounding", "floor"}}),
      "rounding");
  check_error(with(with(int_request(), "format_b", "int4"), "format_a", "int4"), "format_");
  json mixed = int_request();
  mixed.erase("format");
  mixed["format_a"] = "int8";
  mixed["format_b"] = "fp8_e4m3";
  check_error(mixed, "kinds");
}

TEST_CASE("A document of another form is an error as a whole") {
  bool any_error = false;
  CHECK_THROWS_AS(evaluate_numerics(json::array(), any_error), SpecError);
  CHECK_THROWS_AS(evaluate_numerics({{"schema", "lnsim.numerics/2"}, {"requests", json::array()}}, any_error),
                  SpecError);
  CHECK_THROWS_AS(evaluate_numerics({{"schema", "lnsim.numerics/1"}}, any_error), SpecError);
  CHECK(evaluate_numerics({{"schema", "lnsim.numerics/1"}, {"requests", json::array()}}, any_error) ==
        json({{"schema", "lnsim.numerics/1"}, {"results", json::array()}}));
}
