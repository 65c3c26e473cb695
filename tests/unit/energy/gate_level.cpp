// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/energy/gate_level.hpp"

#include "sim/numerics/lns.hpp"
#include "sim/support/json.hpp"

namespace lnsim::energy::test {
namespace {

const std::string kConfigs = std::string(LNSIM_SOURCE_DIR) + "/configs/technology/";

DotProductParams params_of(const Json& row) {
  const Json& p = row["params"];
  DotProductParams params;
  if (p.contains("XB")) {
    const bool table = p.contains("CF");
    const unsigned entries = table ? 8U : 1U << p["B"].get<unsigned>();
    return lns_unit(table ? numerics::LnsStructure::kPerElement : numerics::LnsStructure::kBinTrees, entries,
                    p.contains("PN"));
  }
  const std::string format = row["format"].get<std::string>();
  params.format_a = numerics::find_format(format);
  params.format_b = params.format_a;
  params.sign_split = p.contains("PN");
  if (p.contains("WIN")) {
    params.window = p["WIN"].get<unsigned>();
    params.accumulator.floating = numerics::FloatAccumulator{p["AE"].get<unsigned>(), p["AM"].get<unsigned>(), {}, {}};
  } else {
    params.accumulator.fixed = numerics::FixedAccumulator{p["A"].get<unsigned>(), {}, numerics::Rounding::kFloor};
    if (p.contains("HEAD")) params.accumulator.fixed->guard = p["HEAD"].get<unsigned>();
  }
  return params;
}

}  // namespace

const Technology& technology_45nm() {
  static const Technology technology = read_technology(kConfigs + "45nm.json");
  return technology;
}

DotProductParams lns_unit(numerics::LnsStructure structure, unsigned entries, bool sign_split) {
  DotProductParams params;
  params.format_a = numerics::make_lns(8, 8, numerics::ZeroMode::kMinCode);
  params.format_b = params.format_a;
  params.conversion = {structure, entries, 8};
  params.sign_split = sign_split;
  params.accumulator.fixed = numerics::FixedAccumulator{24, 3, numerics::Rounding::kFloor};
  return params;
}

const std::vector<SynthesisedUnit>& synthesised_units() {
  static const std::vector<SynthesisedUnit> units = [] {
    std::vector<SynthesisedUnit> list;
    const Document document = read_json_file(kConfigs + "data/gate_level_45nm.json");
    for (const Json& row : document.root["datapaths"]) {
      SynthesisedUnit unit;
      unit.name = row["name"].get<std::string>() + " V" + std::to_string(row["V"].get<int>());
      unit.format = row["format"].get<std::string>();
      unit.vector_size = row["V"].get<std::uint64_t>();
      unit.sign_split = row["params"].contains("PN");
      unit.params = params_of(row);
      unit.energy_fj = row["energy_fj_per_mac"].get<double>();
      unit.energy_held_fj = row["energy_fj_per_mac_weight_held_16"].get<double>();
      unit.area_um2 = row["area_um2_per_mac"].get<double>();
      unit.leakage_nw = row["leakage_nw_per_mac"].get<double>();
      for (const auto& [stage, value] : row["breakdown"].items()) unit.breakdown[stage] = value.get<double>();
      list.push_back(std::move(unit));
    }
    return list;
  }();
  return units;
}

}  // namespace lnsim::energy::test
