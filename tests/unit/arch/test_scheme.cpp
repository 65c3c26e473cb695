// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <stdexcept>

#include "sim/arch/scheme.hpp"
#include "tests/unit/arch/arch_support.hpp"

using namespace lnsim;
using lnsim::test::contains;
using lnsim::test::input_error;
using lnsim::test::json_of;

namespace {

constexpr const char* kSmall = R"({"schema": "lnsim.scheme/1", "name": "small",
  "formats": {"weight": "fp8_e4m3", "activation": "fp8_e4m3", "gradient": "fp8_e5m2"},
  "dot_product": {"accumulator": {"type": "float"}}})";

Scheme read(const Json& json) { return read_scheme({"s.json", json}); }

/// The error of the small scheme with the value at `pointer` replaced.
std::string error_with(const char* pointer, std::string_view value) {
  Json json = json_of(kSmall);
  json[Json::json_pointer(pointer)] = json_of(value);
  return input_error([&] { (void)read(json); });
}

}  // namespace

TEST_CASE("a scheme fills in its defaults and reads back as written", "[arch]") {
  const Scheme scheme = read(json_of(kSmall));
  CHECK(scheme.weight_gradient->name() == "fp8_e5m2");
  CHECK(scheme.accumulation->name() == "fp32");
  CHECK(scheme.vector->name() == "bf16");
  CHECK(scheme.update == nullptr);
  CHECK(scheme.scale == ScaleHandling::kDelayed);
  CHECK(scheme.dot_product.window == 24U);
  const Json written = write_scheme(scheme);
  CHECK(written["formats"]["update"].is_null());
  CHECK(written["dot_product"]["window"] == 24);
  CHECK(write_scheme(read(written)) == written);
}

TEST_CASE("block-scaled formats are read, written, and take a share of their scale", "[arch]") {
  Json json = json_of(kSmall);
  for (const char* role : {"weight", "activation", "gradient"}) json["formats"][role] = "mxfp6_e2m3";
  const Scheme scheme = read(json);
  CHECK(scheme.block_scaled());
  CHECK(scheme.weight->block()->name() == "mxfp6_e2m3");
  CHECK(scheme.weight_gradient->name() == "fp32");
  CHECK(scheme.size({"y", Role::kActivation, 5, 0}).bits() == 6.25);
  CHECK(scheme.bits({"y", Role::kActivation, 5, 0}) == 6);
  CHECK(scheme.size({"mask", Role::kMask, 5, 0}) == ElementSize(1U));
  CHECK(write_scheme(read(write_scheme(scheme))) == write_scheme(scheme));
}

TEST_CASE("block LNS is an object and comes back as one", "[arch]") {
  const Json lns = {{"type", "block_lns"}, {"bits", 6}, {"gamma", 8}, {"offset_bits", 4}};
  const auto format = read_format(lns, "s.json", "/x");
  CHECK(format->name() == "block_lns(6,8,4)");
  CHECK(write_format(*format) == lns);
  CHECK(element_size(*format).bits() == 6.125);
  CHECK_THROWS_AS(read_format({{"type", "block_lns"}, {"bits", 6}, {"gamma", 8}}, "s.json", "/x"), InputError);
  CHECK_THROWS_AS(read_format({{"type", "block_lns"}, {"bits", 6}, {"gamma", 64}, {"offset_bits", 4}}, "s.json", "/x"),
                  InputError);
}

TEST_CASE("operands have block scales of one kind, and nothing else has any", "[arch]") {
  CHECK(contains(error_with("/formats/weight", R"("mxfp8_e4m3")"), "/formats/activation"));
  Json json = json_of(kSmall);
  for (const char* role : {"weight", "activation", "gradient"}) json["formats"][role] = "mxfp8_e4m3";
  const auto refused = [&](const char* role, const char* format) {
    Json changed = json;
    changed["formats"][role] = format;
    return input_error([&] { (void)read(changed); });
  };
  CHECK(contains(refused("gradient", "nvfp4"), "/formats/gradient: nvfp4, expected a format with the same block"));
  CHECK(contains(refused("gradient", "mxint8"), "/formats/gradient"));
  CHECK(contains(refused("weight_gradient", "mxfp8_e4m3"), "/formats/weight_gradient"));
  CHECK(contains(refused("update", "mxfp8_e4m3"), "/formats/update"));
  CHECK(refused("gradient", "mxfp4_e2m1").empty());
}

TEST_CASE("a window that differs between passes is left to them", "[arch]") {
  Json json = json_of(kSmall);
  json["formats"]["weight"] = "fp32";
  const Scheme scheme = read(json);
  CHECK_FALSE(scheme.dot_product.window);
  const auto forward = numerics::make_dot_unit(dot_spec(scheme.dot_product, scheme.weight, scheme.activation, 32));
  const auto weight_grad =
      numerics::make_dot_unit(dot_spec(scheme.dot_product, scheme.gradient, scheme.activation, 32));
  CHECK(forward->spec().window == 28U);
  CHECK(weight_grad->spec().window == 24U);
  CHECK(write_scheme(read(write_scheme(scheme))) == write_scheme(scheme));
}

TEST_CASE("roles have formats, parameters FP32, masks and indices only widths", "[arch]") {
  const Scheme scheme = read(json_of(kSmall));
  CHECK(scheme.format(Role::kWeight).name() == "fp8_e4m3");
  CHECK(scheme.format(Role::kGradient).name() == "fp8_e5m2");
  CHECK(scheme.format(Role::kParameter).name() == "fp32");
  CHECK_THROWS_AS(scheme.format(Role::kMask), std::invalid_argument);
  CHECK(scheme.bits({"y", Role::kActivation, 5, 0}) == 8);
  CHECK(scheme.bits({"mask", Role::kMask, 5, 0}) == 1);
  CHECK(scheme.bits({"argmax", Role::kIndex, 5, 4}) == 4);
  CHECK(scheme.bits({"bias", Role::kParameter, 5, 0}) == 32);
}

TEST_CASE("the optimizer depends on the network's family", "[arch]") {
  const Scheme scheme = read(json_of(kSmall));
  CHECK(scheme.optimizer("cnn") == Optimizer::kSgdMomentum);
  CHECK(scheme.optimizer("transformer") == Optimizer::kAdam);
  CHECK_THROWS_AS(scheme.optimizer("other"), std::invalid_argument);
  CHECK(optimizer_states(Optimizer::kMadam) == 1);
  CHECK(optimizer_states(Optimizer::kSgdMomentum) == 1);
  CHECK(optimizer_states(Optimizer::kAdam) == 2);
  CHECK(optimizer_name(Optimizer::kSgdMomentum) == "sgd_momentum");
}

TEST_CASE("bad schemes are input errors with file and pointer", "[arch]") {
  CHECK(contains(error_with("/schema", R"("lnsim.accelerator/1")"), "s.json: /schema"));
  CHECK(contains(error_with("/formats/weight", R"("int9000")"), "/formats/weight: \"int9000\""));
  CHECK(contains(error_with("/formats/weigth", R"("int8")"), "weight"));
  CHECK(contains(error_with("/formats/activation", R"("int8")"), "/formats/activation: int8"));
  CHECK(contains(error_with("/formats/gradient", R"({"type": "lns", "bits": 8, "gamma": 8})"), "/formats/gradient"));
  CHECK(contains(error_with("/formats/vector", R"("int8")"), "/formats/vector: int8"));
  CHECK(contains(error_with("/formats/update", R"({"type": "lns", "bits": 16, "gamma": 2048})"), "/formats/update"));
  CHECK(contains(error_with("/dot_product/format", R"("int8")"), "format"));
  CHECK(contains(error_with("/dot_product/vector_size", "32"), "vector_size"));
  CHECK(contains(error_with("/dot_product/accumulator/bits", "24"), "/dot_product/accumulator/bits: 24"));
  CHECK(contains(error_with("/dot_product/accumulator/exponent", "9"), "/dot_product/accumulator/exponent: 9"));
  CHECK(contains(error_with("/dot_product/window", "0"), "/dot_product/window: 0"));
  CHECK(contains(error_with("/scale", R"("delay")"), "\"delayed\""));
  CHECK(contains(error_with("/optimizer", R"({"cnn": "sgd"})"), "/optimizer/cnn: \"sgd\""));
  CHECK(contains(error_with("/name", R"("")"), "/name"));
}

TEST_CASE("several bad formats are reported together", "[arch]") {
  Json json = json_of(kSmall);
  json["formats"]["weight"] = "fp9";
  json["formats"]["gradient"] = 8;
  const std::string message = input_error([&] { (void)read(json); });
  CHECK(contains(message, "/formats/weight"));
  CHECK(contains(message, "/formats/gradient"));
}

TEST_CASE("a scheme is checked at the accelerator's vector size", "[arch]") {
  Json json = json_of(kSmall);
  json["dot_product"]["accumulator"]["chunk"] = 48;
  const Scheme scheme = read(json);
  CHECK_NOTHROW(check_scheme(scheme, 16, "s.json"));
  const std::string message = input_error([&] { check_scheme(scheme, 32, "s.json"); });
  CHECK(contains(message, "s.json: /dot_product"));
  CHECK(contains(message, "vector size 32"));
}

TEST_CASE("an LNS update copy has the range of the weights", "[arch]") {
  const char* const text = R"({"schema": "lnsim.scheme/1", "name": "lns",
    "formats": {"weight": {"type": "lns", "bits": 8, "gamma": 8}, "activation": {"type": "lns", "bits": 8, "gamma": 8},
                "gradient": {"type": "lns", "bits": 8, "gamma": 8}},
    "dot_product": {"accumulator": {"type": "fixed"}}})";
  const auto with_update = [&](const char* update) {
    Json json = json_of(text);
    json["formats"]["update"] = json_of(update);
    return input_error([&] { (void)read(json); });
  };
  CHECK(with_update(R"({"type": "lns", "bits": 16, "gamma": 2048})").empty());
  CHECK(with_update(R"("fp32")").empty());
  CHECK(contains(with_update(R"({"type": "lns", "bits": 16, "gamma": 1024})"), "/formats/update"));
  CHECK(contains(with_update(R"({"type": "lns", "bits": 16, "gamma": 2048, "zero": "min_code"})"), "/formats/update"));
  CHECK(contains(with_update(R"({"type": "lns", "bits": 6, "gamma": 2})"), "/formats/update"));
}

TEST_CASE("the scheme schema covers formats and the unit", "[arch]") {
  const Json schema = scheme_schema();
  const Json& formats = schema["properties"]["formats"];
  CHECK(formats["properties"]["update"]["anyOf"].size() == 4);
  CHECK(formats["properties"]["weight"]["anyOf"].size() == 3);
  CHECK(schema["properties"]["dot_product"]["properties"]["tree_fraction_bits"]["type"][1] == "null");
}
