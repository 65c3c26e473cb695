// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/mapping/mapping.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

MappingRules read(const std::string& gemms) {
  return read_mapping(parse_json(R"({"schema": "lnsim.mapping/1", "gemms": )" + gemms + "}", "map.json"));
}

std::string error_of(const std::string& gemms) {
  try {
    (void)read(gemms);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a glob matches with * for any text and ? for one character") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("conv1", "conv1"));
  CHECK(glob_match("layer?.*.conv2", "layer4.0.conv2"));
  CHECK(glob_match("*.conv*", "layer1.0.conv1"));
  CHECK(glob_match("a*b*c", "aXbYbZc"));
  CHECK(glob_match("**", "x"));
  CHECK_FALSE(glob_match("conv1", "conv12"));
  CHECK_FALSE(glob_match("conv?", "conv"));
  CHECK_FALSE(glob_match("a*b", "abc"));
  CHECK_FALSE(glob_match("", "a"));
}

TEST_CASE("a mapping file pins what it names and nothing else") {
  const MappingRules rules = read(R"([{"layer": "conv*", "pass": "weight_grad", "operand_a": "n",
      "dram": {"order": "kmn"}, "global_buffer": {"tile": {"m": 64, "k": 96}, "banks": {"a": 2, "b": 3, "out": 1}},
      "pe": {"block": 32}}])");
  REQUIRE(rules.size() == 1);
  const MappingPin& pin = rules[0].pin;
  CHECK(pin.operand_a == Side::kN);
  CHECK(pin.order == std::array<Dim, 3>{Dim::kK, Dim::kM, Dim::kN});
  CHECK(pin.m == 64U);
  CHECK_FALSE(pin.n.has_value());
  CHECK(pin.k == 96U);
  CHECK((pin.banks == BankSplit{2, 3, 1}));
  CHECK(pin.block == 32U);
}

TEST_CASE("the first rule that matches layer and pass applies") {
  const MappingRules rules = read(R"([{"layer": "conv1", "pass": "forward", "pe": {"block": 1}},
      {"layer": "conv*", "pe": {"block": 2}}, {"pe": {"block": 3}}])");
  CHECK(find_pin(rules, "conv1", PassKind::kForward).block == 1U);
  CHECK(find_pin(rules, "conv1", PassKind::kWeightGrad).block == 2U);
  CHECK(find_pin(rules, "fc", PassKind::kForward).block == 3U);
  CHECK_FALSE(find_pin({}, "fc", PassKind::kForward).block.has_value());
}

TEST_CASE("a written mapping reads back as a rule that pins all of it") {
  GemmMapping mapping;
  mapping.operand_a = Side::kN;
  mapping.order = {Dim::kM, Dim::kN, Dim::kK};
  mapping.tile = {3, 5, 7};
  mapping.banks = {1, 2, 4};
  mapping.block = 8;
  const MappingPin pin = read("[" + write_mapping(mapping).dump() + "]")[0].pin;
  CHECK(pin.operand_a == mapping.operand_a);
  CHECK(pin.order == mapping.order);
  CHECK((TileSize{*pin.m, *pin.n, *pin.k} == mapping.tile));
  CHECK((pin.banks == mapping.banks));
  CHECK(pin.block == mapping.block);
}

TEST_CASE("a mapping file with a wrong field is refused with its pointer") {
  CHECK(error_of(R"([{"dram": {"order": "mmk"}}])") ==
        R"(map.json: /gemms/0/dram/order: "mmk", expected a permutation of "mnk")");
  CHECK_THAT(error_of(R"([{"operand_a": "k"}])"), Catch::Contains("/gemms/0/operand_a"));
  CHECK_THAT(error_of(R"([{"global_buffer": {"tile": {"m": 0}}}])"), Catch::Contains("/gemms/0/global_buffer/tile/m"));
  CHECK_THAT(error_of(R"([{"global_buffer": {"tile": {"m": 1.5}}}])"),
             Catch::Contains("/gemms/0/global_buffer/tile/m"));
  CHECK_THAT(error_of(R"([{"global_buffer": {"banks": {"a": 1, "b": 1}}}])"), Catch::Contains("out"));
  CHECK_THAT(error_of(R"([{"blok": 3}])"), Catch::Contains("blok"));
  CHECK_THAT(error_of(R"({})"), Catch::Contains("/gemms"));
}

}  // namespace lnsim
