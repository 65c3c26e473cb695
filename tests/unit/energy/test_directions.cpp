// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "energy/components/components.hpp"
#include "energy/components/dot_product.hpp"
#include "sim/numerics/block_format.hpp"
#include "sim/numerics/lns.hpp"
#include "tests/unit/energy/gate_level.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;

namespace {

UnitPrice price(const DotProductParams& params, std::uint64_t v = 32) {
  return price_unit(params, v, technology_45nm());
}

DotProductParams per_element(unsigned entries = 8) { return lns_unit(numerics::LnsStructure::kPerElement, entries); }
DotProductParams bin_trees(unsigned entries = 8) { return lns_unit(numerics::LnsStructure::kBinTrees, entries); }

DotProductParams float_unit(const char* format, unsigned exponent = 8, unsigned mantissa = 23) {
  DotProductParams params;
  params.format_a = params.format_b = numerics::find_format(format);
  params.accumulator.floating = numerics::FloatAccumulator{exponent, mantissa, {}, {}};
  return params;
}

DotProductParams block_unit(const char* format) {
  DotProductParams params;
  params.format_a = params.format_b = numerics::block_scaled(numerics::find_block_format(format));
  params.accumulator.floating = numerics::FloatAccumulator{};
  return params;
}

double stage_energy(const UnitPrice& price, std::string_view stage) {
  for (const StagePrice& part : price.breakdown) {
    if (part.stage == stage) return part.energy_fj_per_mac;
  }
  return 0;
}

DotProductParams int_unit(const char* format, unsigned bits = 24) {
  DotProductParams params;
  params.format_a = params.format_b = numerics::find_format(format);
  params.accumulator.fixed = numerics::FixedAccumulator{bits, {}, numerics::Rounding::kFloor};
  return params;
}

/// The change costs at least `least` times the energy and area (least < 1: saves).
void require_ratio(const UnitPrice& from, const UnitPrice& to, double energy, double area) {
  INFO("energy x " << to.energy_fj_per_mac / from.energy_fj_per_mac << ", area x "
                   << to.area_um2_per_mac / from.area_um2_per_mac);
  if (energy >= 1) CHECK(to.energy_fj_per_mac >= energy * from.energy_fj_per_mac);
  if (energy < 1) CHECK(to.energy_fj_per_mac <= energy * from.energy_fj_per_mac);
  if (area >= 1) CHECK(to.area_um2_per_mac >= area * from.area_um2_per_mac);
  if (area < 1) CHECK(to.area_um2_per_mac <= area * from.area_um2_per_mac);
}

}  // namespace

TEST_CASE("a 20-bit accumulator saves energy and area over 24 bits") {
  DotProductParams narrow = per_element();
  narrow.accumulator.fixed->bits = 20;
  require_ratio(price(per_element()), price(narrow), 0.95, 0.92);
}

TEST_CASE("every accumulator bit costs") {
  double last_energy = 0, last_area = 0;
  for (unsigned bits = 10; bits <= 48; ++bits) {
    DotProductParams params = per_element();
    params.accumulator.fixed->bits = bits;
    const UnitPrice unit = price(params);
    INFO(bits);
    CHECK(unit.energy_fj_per_mac > last_energy);
    CHECK(unit.area_um2_per_mac > last_area);
    last_energy = unit.energy_fj_per_mac;
    last_area = unit.area_um2_per_mac;
  }
}

TEST_CASE("gamma 16 costs more than gamma 8 at equal table") {
  DotProductParams fine = per_element();
  fine.format_a = fine.format_b = numerics::make_lns(8, 16, numerics::ZeroMode::kMinCode);
  require_ratio(price(per_element()), price(fine), 1.02, 1.02);
}

TEST_CASE("a conversion table of one entry saves energy and area over eight") {
  require_ratio(price(per_element(8)), price(per_element(1)), 0.90, 0.95);
  require_ratio(price(bin_trees(8)), price(bin_trees(1)), 0.60, 0.40);
}

TEST_CASE("both structures are the same unit with a table of one entry") {
  CHECK(price(per_element(1)).energy_fj_per_mac == price(bin_trees(1)).energy_fj_per_mac);
}

TEST_CASE("per-element conversion takes a third of the area of eight bin trees, or less") {
  for (const std::uint64_t v : {8U, 16U, 32U, 64U}) {
    require_ratio(price(bin_trees(), v), price(per_element(), v), 0.6, 0.34);
  }
}

TEST_CASE("splitting signs saves energy of LNS at V = 32 and costs area") {
  DotProductParams split = bin_trees(1);
  split.sign_split = true;
  require_ratio(price(bin_trees(1)), price(split), 0.95, 1.1);
}

TEST_CASE("eight plain bin trees cost more than FP8 does, split or per-element ones do not") {
  const DotProductParams fp8 = float_unit("fp8_e4m3");
  const double base = price(fp8).energy_fj_per_mac;
  CHECK(price(bin_trees()).energy_fj_per_mac > base);
  CHECK(price(per_element()).energy_fj_per_mac < base);
  DotProductParams split = bin_trees();
  split.sign_split = true;
  CHECK(price(split).energy_fj_per_mac < base);
}

TEST_CASE("a larger vector shares the accumulator: cheaper per MAC with a float accumulator") {
  for (const char* format : {"fp8_e4m3", "fp16", "bf16"}) {
    require_ratio(price(float_unit(format), 8), price(float_unit(format), 16), 0.97, 0.97);
    require_ratio(price(float_unit(format), 16), price(float_unit(format), 32), 0.98, 0.98);
  }
}

TEST_CASE("wider formats cost more") {
  const UnitPrice int4 = price(int_unit("int4")), int8 = price(int_unit("int8")), int16 = price(int_unit("int16", 40));
  require_ratio(int4, int8, 2, 2);
  require_ratio(int8, int16, 2, 2);
  require_ratio(price(float_unit("fp8_e4m3")), price(float_unit("bf16")), 1.5, 1.5);
  require_ratio(price(float_unit("bf16")), price(float_unit("fp32")), 2, 3);
}

TEST_CASE("FP6 and FP4 units have a price between zero and that of FP8") {
  for (const char* format : {"fp6_e2m3", "fp6_e3m2", "fp4_e2m1"}) {
    const UnitPrice unit = price(float_unit(format));
    CHECK(unit.energy_fj_per_mac > 0);
    CHECK(unit.energy_fj_per_mac < price(float_unit("fp8_e4m3")).energy_fj_per_mac);
  }
}

TEST_CASE("chunked accumulation costs, and less with longer chunks") {
  DotProductParams chunked = float_unit("fp8_e4m3", 5, 10);
  const UnitPrice plain = price(chunked);
  chunked.accumulator.chunk = 64;
  const UnitPrice often = price(chunked);
  chunked.accumulator.chunk = 256;
  const UnitPrice seldom = price(chunked);
  CHECK(often.energy_fj_per_mac > seldom.energy_fj_per_mac);
  CHECK(seldom.energy_fj_per_mac > plain.energy_fj_per_mac);
  CHECK(often.area_um2_per_mac == Approx(seldom.area_um2_per_mac));
}

TEST_CASE("an exact tree costs more than a truncated one") {
  DotProductParams exact = per_element();
  exact.tree_exact = true;
  require_ratio(price(per_element()), price(exact), 1.2, 1.2);
}

TEST_CASE("a newer node and a lower supply save energy, a larger buffer costs more per access") {
  const auto folder = std::filesystem::path(LNSIM_SOURCE_DIR) / "configs/technology";
  const DotProductParams unit = per_element();
  const auto at = [&](const char* name) { return price_unit(unit, 32, read_technology(folder / name)); };
  require_ratio(at("45nm.json"), at("32nm_stillmaker.json"), 0.5, 0.5);
  require_ratio(at("32nm_stillmaker.json"), at("22nm.json"), 0.6, 0.6);
  require_ratio(at("22nm.json"), at("16nm_stillmaker.json"), 0.9, 0.9);
  require_ratio(at("16nm_stillmaker.json"), at("7nm_stillmaker.json"), 0.5, 0.4);
  const SramTable& sram = technology_45nm().sram;
  CHECK(sram.at(131072, 256).read_pj >= 1.25 * sram.at(32768, 256).read_pj);
  CHECK(sram.at(131072, 256).area_mm2 >= 3 * sram.at(32768, 256).area_mm2);
}

TEST_CASE("holding an operand longer never costs more") {
  for (const SynthesisedUnit& unit : synthesised_units()) {
    double last = INFINITY;
    for (const double held : {1.0, 2.0, 4.0, 16.0, 64.0}) {
      const double energy = price_unit(unit.params, unit.vector_size, technology_45nm(), held).energy_fj_per_mac;
      CHECK(energy < last);
      last = energy;
    }
  }
}

TEST_CASE("stages add up to the unit") {
  for (const SynthesisedUnit& unit : synthesised_units()) {
    const UnitPrice p = price_unit(unit.params, unit.vector_size, technology_45nm());
    double energy = 0, area = 0;
    for (const StagePrice& stage : p.breakdown) {
      energy += stage.energy_fj_per_mac;
      area += stage.area_um2_per_mac;
    }
    CHECK(energy == p.energy_fj_per_mac);
    CHECK(area == p.area_um2_per_mac);
  }
}

TEST_CASE("units that do not exist are refused") {
  DotProductParams mixed = int_unit("int8");
  mixed.format_b = numerics::find_format("fp16");
  CHECK_THROWS_AS(price(mixed), numerics::SpecError);
  CHECK_THROWS_AS(price(int_unit("int8"), 0), numerics::SpecError);
  CHECK_THROWS_AS(price_unit(int_unit("int8"), 8, technology_45nm(), 0.5), numerics::SpecError);
  CHECK_THROWS_AS(price_unit(DotProductParams{}, 8, technology_45nm()), numerics::SpecError);
}

TEST_CASE("block scales cost a stage of their own and leave the others as they are", "[energy]") {
  const UnitPrice plain = price(float_unit("fp8_e4m3"));
  const UnitPrice blocks = price(block_unit("mxfp8_e4m3"));
  CHECK(stage_energy(plain, "block_scale") == 0.0);
  CHECK(stage_energy(blocks, "block_scale") > 0.0);
  CHECK(blocks.energy_fj_per_mac - stage_energy(blocks, "block_scale") == Approx(plain.energy_fj_per_mac));
  // Once per 32 elements: small beside the products.
  CHECK(stage_energy(blocks, "block_scale") < 0.02 * blocks.energy_fj_per_mac);
}

TEST_CASE("scales that are numbers cost a multiplier, powers of two an adder", "[energy]") {
  const double mx = stage_energy(price(block_unit("mxfp4_e2m1"), 16), "block_scale");
  const double nv = stage_energy(price(block_unit("nvfp4"), 16), "block_scale");
  CHECK(nv > 2 * mx);
}

TEST_CASE("a group of two blocks costs two groups of one", "[energy]") {
  const UnitPrice one = price(block_unit("nvfp4"), 16);
  const UnitPrice two = price(block_unit("nvfp4"), 32);
  CHECK(two.energy_fj_per_mac == Approx(one.energy_fj_per_mac));
  CHECK(two.area_um2_per_mac == Approx(one.area_um2_per_mac));
}

TEST_CASE("vectors carry their block scales", "[energy]") {
  const auto bits = [](const char* name, std::uint64_t elements) {
    return vector_bits_of(*numerics::block_scaled(numerics::find_block_format(name)), elements);
  };
  CHECK(bits("mxfp8_e4m3", 32) == 264);
  CHECK(bits("mxfp8_e4m3", 16) == 136);
  CHECK(bits("nvfp4", 32) == 144);
  CHECK(vector_bits_of(*numerics::find_format("fp8_e4m3"), 32) == 256);
}
