// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "energy/bill.hpp"
#include "energy/scaling.hpp"
#include "energy/technology.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "tests/unit/energy/gate_level.hpp"

using namespace lnsim;
using namespace lnsim::energy;
using namespace lnsim::energy::test;
namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A copy of the shipped technology in a folder of its own, to be damaged.
class Copy {
 public:
  Copy()
      : folder_(fs::temp_directory_path() / ("lnsim_technology_" + std::to_string(counter_++) + "_" +
                                             std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {
    const fs::path source = fs::path(LNSIM_SOURCE_DIR) / "configs/technology";
    fs::create_directories(folder_ / "data");
    for (const char* file : {"45nm.json", "data/primitives_45nm.json", "data/sram_cacti_45nm.csv"}) {
      fs::copy_file(source / file, folder_ / file, fs::copy_options::overwrite_existing);
    }
  }
  ~Copy() { fs::remove_all(folder_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = slurp(folder_ / file);
    const std::size_t place = text.find(from);
    REQUIRE(place != std::string::npos);
    text.replace(place, from.size(), to);
    std::ofstream(folder_ / file) << text;
  }
  [[nodiscard]] Technology read() const { return read_technology(folder_ / "45nm.json"); }

 private:
  static inline int counter_ = 0;
  fs::path folder_;
};

}  // namespace

TEST_CASE("the shipped technology reads with its conditions") {
  const Technology& technology = technology_45nm();
  CHECK(technology.name == "45nm");
  CHECK(technology.node_nm == 45);
  CHECK(technology.voltage_v == 1.1);
  CHECK(technology.clock_hz() == 400e6);
  CHECK(technology.sram.columns.size() == 4);
  CHECK(technology.dram_index("LPDDR4X-4266") == 0);
}

TEST_CASE("another supply: energy V^2, leakage V, slower") {
  Copy copy;
  const Technology nominal = copy.read();
  copy.replace("45nm.json", "\"voltage_v\": 1.1", "\"voltage_v\": 0.9");
  const Technology low = copy.read();
  const double ratio = 0.9 / 1.1;
  const Price from = nominal.logic.table(Primitive::kAdder).at(16);
  const Price to = low.logic.table(Primitive::kAdder).at(16);
  CHECK(to.energy_fj == Approx(from.energy_fj * ratio * ratio));
  CHECK(to.leakage_nw == Approx(from.leakage_nw * ratio));
  CHECK(to.area_um2 == from.area_um2);
  CHECK(low.logic.table(Primitive::kAdder).delay_ns(16) > nominal.logic.table(Primitive::kAdder).delay_ns(16));
  CHECK(low.sram.at(65536, 256).read_pj == Approx(nominal.sram.at(65536, 256).read_pj * ratio * ratio));
  CHECK(low.wire.value == Approx(nominal.wire.value * ratio * ratio));
  CHECK(low.logic.table(Primitive::kAdder).source.find("1.1 V to 0.9 V") != std::string::npos);
}

TEST_CASE("every shipped technology reads, and every number of it has unit, source and year") {
  std::size_t count = 0;
  for (const auto& file : fs::directory_iterator(fs::path(LNSIM_SOURCE_DIR) / "configs/technology")) {
    if (file.path().extension() != ".json") continue;
    ++count;
    const Technology technology = read_technology(file.path());
    INFO(technology.name);
    std::vector<Quantity> quantities{technology.clock, technology.wire, technology.clock_tree, technology.threshold,
                                     technology.alpha};
    for (const DramPrice& dram : technology.dram) {
      quantities.push_back(dram.read);
      quantities.push_back(dram.write);
      if (!dram.banked) continue;
      for (const Quantity& q : {dram.banked->read, dram.banked->write, dram.banked->activate, dram.banked->refresh,
                                dram.banked->background}) {
        quantities.push_back(q);
      }
    }
    for (const Quantity& q : quantities) {
      CHECK_FALSE(q.unit.empty());
      CHECK_FALSE(q.source.empty());
      CHECK_FALSE(q.trust.empty());
      CHECK(q.year >= 1980);
    }
    for (const PrimitiveTable& table : technology.logic.tables) {
      CHECK_FALSE(table.source.empty());
      CHECK(table.year >= 1980);
    }
    for (const FactorValue& factor : technology.logic.factors) CHECK_FALSE(factor.source.empty());
    CHECK_FALSE(technology.sram.source.empty());
    CHECK(technology.sram.voltage_v == technology.voltage_v);
  }
  CHECK(count == 8);
}

TEST_CASE("scaling sets: the worked examples of the published polynomials") {
  // Published by the transcription of the set (stillmaker_2017.json, worked_examples).
  const ScalingSet set =
      read_scaling_set(fs::path(LNSIM_SOURCE_DIR) / "configs/technology/data/scaling_stillmaker.json");
  const auto factors = [&](const char* from, double from_v, const char* to, double to_v) {
    return set.between(set.node(from, "t.json", "/scaling/to"), from_v, set.node(to, "t.json", "/scaling/to"), to_v);
  };
  CHECK(factors("HP45", 0.9, "HP32", 0.9).energy == Approx(0.65413).epsilon(1e-4));
  CHECK(factors("HP45", 0.9, "HP16", 0.8).delay == Approx(0.53366).epsilon(1e-4));
  CHECK(factors("HP45", 0.9, "HP7", 0.7).energy == Approx(0.06842).epsilon(1e-4));
  CHECK(factors("HP45", 0.9, "HP7", 0.7).area == Approx(0.059));
  CHECK_THROWS_WITH(factors("HP45", 1.1, "HP7", 0.7), Catch::Contains("HP45 at 1.1 V"));
  CHECK_THROWS_WITH(set.node("HP8", "t.json", "/scaling/to"), Catch::Contains("HP7"));
}

TEST_CASE("the two scaling sets disagree by about four at 7 nm") {
  const auto folder = fs::path(LNSIM_SOURCE_DIR) / "configs/technology";
  const auto adder = [&](const char* name) {
    return read_technology(folder / name).logic.table(Primitive::kAdder).at(16).energy_fj;
  };
  const double ratio = adder("7nm_op_tables.json") / adder("7nm_stillmaker.json");
  CHECK(ratio > 3.5);
  CHECK(ratio < 6);
}

TEST_CASE("measured widths keep their measured prices") {
  const Document data = read_json_file(fs::path(LNSIM_SOURCE_DIR) / "configs/technology/data/gate_level_45nm.json");
  const std::vector<std::pair<std::string, Primitive>> names{{"add_fast", Primitive::kAdder},
                                                             {"mul_unsigned", Primitive::kMultiplierUnsigned},
                                                             {"shift_right", Primitive::kShifter},
                                                             {"lzc", Primitive::kLeadingZeroCounter},
                                                             {"register", Primitive::kRegister}};
  int seen = 0;
  for (const Json& row : data.root["primitives"]) {
    for (const auto& [name, primitive] : names) {
      if (row["name"] != name) continue;
      const Price price = technology_45nm().logic.table(primitive).at(row["width"].get<double>());
      CHECK(price.energy_fj == Approx(row["energy_fj"].get<double>()).epsilon(1e-4));
      CHECK(price.area_um2 == Approx(row["area_um2"].get<double>()).epsilon(1e-4));
      CHECK(price.leakage_nw == Approx(row["leakage_nw"].get<double>()).epsilon(1e-4));
      ++seen;
    }
  }
  CHECK(seen == 35);
}

TEST_CASE("a wider primitive never costs less") {
  for (std::size_t i = 0; i < kLogicPrimitives; ++i) {
    const PrimitiveTable& table = technology_45nm().logic.table(static_cast<Primitive>(i));
    Price last;
    for (double width = 0; width <= 80; width += 0.5) {
      const Price price = table.at(width);
      INFO(primitive_name(static_cast<Primitive>(i)) << " " << width);
      CHECK(price.energy_fj >= last.energy_fj);
      CHECK(price.area_um2 >= last.area_um2);
      CHECK(price.leakage_nw >= last.leakage_nw);
      last = price;
    }
  }
}

TEST_CASE("SRAM prices are those of the table at its points and lie between them elsewhere") {
  const SramTable& sram = technology_45nm().sram;
  const SramPrice at64k = sram.at(65536, 256);
  CHECK(at64k.read_pj == Approx(42.002));
  CHECK(at64k.write_pj == Approx(49.047));
  CHECK(at64k.leakage_mw == Approx(7.4983));
  const SramPrice between = sram.at(49152, 192);
  CHECK(between.read_pj > sram.at(32768, 128).read_pj);
  CHECK(between.read_pj < at64k.read_pj);
  CHECK(sram.at(512, 64).read_pj == sram.at(1024, 64).read_pj);
  CHECK(sram.at(1024, 512).read_pj == sram.at(2048, 512).read_pj);
  CHECK(sram.at(8388608, 512).read_pj > sram.at(4194304, 512).read_pj);
}

TEST_CASE("memories are built of banks and padding is paid") {
  const MemoryPlan buffer = plan_memory(128 * 1024, 256, 2);
  CHECK_FALSE(buffer.registers);
  CHECK(buffer.banks == 2);
  CHECK(buffer.across == 1);
  CHECK(buffer.macro_bits == 256);
  CHECK(buffer.macro_bytes == 64 * 1024);
  const MemoryPlan wide = plan_memory(128 * 1024, 1024, 2);
  CHECK(wide.across == 2);
  CHECK(wide.macro_bits == 512);
  CHECK(wide.macros_touched(160) == 1);
  CHECK(wide.macros_touched(513) == 2);
  const MemoryPlan odd = plan_memory(128 * 1024, 160, 2);
  CHECK(odd.macro_bits == 192);
  CHECK(odd.macro_bytes > 64 * 1024);
  CHECK(plan_memory(4095, 256, 2).registers);
  CHECK_FALSE(plan_memory(4096, 256, 2).registers);
  CHECK(plan_memory(std::uint64_t{64} << 20U, 512, 2).banks == 16);
}

TEST_CASE("bad technology files are refused with file and pointer") {
  Copy copy;
  const auto refused = [&](const char* text) { CHECK_THROWS_WITH(copy.read(), Catch::Contains(text)); };
  SECTION("a quantity without unit") {
    copy.replace("45nm.json", "\"unit\": \"fJ/bit/mm\", ", "");
    refused("/wire: no \"unit\"");
  }
  SECTION("another unit") {
    copy.replace("45nm.json", "fJ/bit/mm", "pJ/bit/mm");
    refused("/wire/unit: \"pJ/bit/mm\"");
  }
  SECTION("a negative price") {
    copy.replace("45nm.json", "\"value\": 240", "\"value\": -240");
    refused("/wire/value: -240");
  }
  SECTION("a quantity without year") {
    copy.replace("45nm.json", "\"year\": 2011, ", "");
    refused("/wire: no \"year\"");
  }
  SECTION("an unknown primitive") {
    copy.replace("data/primitives_45nm.json", "\"name\": \"adder\"", "\"name\": \"addr\"");
    refused("\"addr\"");
  }
  SECTION("a negative price of a primitive") {
    copy.replace("data/primitives_45nm.json", "\"energy_fj\": 47.45", "\"energy_fj\": -47.45");
    refused("/primitives/0/points/0/energy_fj: -47.45");
  }
  SECTION("a missing factor") {
    copy.replace("data/primitives_45nm.json", "\"name\": \"tree_split\"", "\"name\": \"tree_spilt\"");
    refused("/factors/");
  }
  SECTION("primitives of another node") {
    copy.replace("data/primitives_45nm.json", "\"node_nm\": 45", "\"node_nm\": 28");
    refused("/node_nm: 28");
  }
  SECTION("a supply below the threshold") {
    copy.replace("45nm.json", "\"voltage_v\": 1.1", "\"voltage_v\": 0.3");
    refused("/voltage_v: 0.3");
  }
  SECTION("memories of another node without a reason") {
    copy.replace("45nm.json", "\"device_type\": \"lstp-cell_hp-peri\",\n    \"node_nm\": 45",
                 "\"device_type\": \"lstp-cell_hp-peri\",\n    \"node_nm\": 22");
    refused("/sram/node_nm: 22");
  }
  SECTION("two families in one hierarchy without a reason") {
    copy.replace("45nm.json", "\"static_family\": \"cacti\"", "\"static_family\": \"op_table\"");
    refused("/sram/static_family: \"op_table\"");
  }
  SECTION("a technology without clock tree") {
    copy.replace("45nm.json", "\"clock_tree\"", "\"clock_trees\"");
    refused("clock_trees");
  }
  SECTION("primitives of its own and a base") {
    copy.replace("45nm.json", "\"clock_tree\"", "\"scaled_from\": \"45nm.json\", \"clock_tree\"");
    refused("/primitives: with \"scaled_from\"");
  }
  SECTION("a technology scaled from itself") {
    copy.replace("45nm.json", "\"primitives\": \"data/primitives_45nm.json\"",
                 "\"scaled_from\": \"45nm.json\", \"scaling\": {\"set\": \"s.json\", \"from\": \"a\", \"to\": \"b\", "
                 "\"from_voltage_v\": 0.9}");
    refused("/scaled_from: \"45nm.json\", expected a technology that is not scaled itself");
  }
  SECTION("an unknown device type") {
    copy.replace("45nm.json", "lstp-cell_hp-peri", "lstp");
    refused("sram_cacti_45nm.csv");
  }
  SECTION("a broken row of the SRAM table") {
    copy.replace("data/sram_cacti_45nm.csv", "45,2048,64,2.3814", "45,2048,64,-2.3814");
    refused("read_pj -2.3814");
  }
}
