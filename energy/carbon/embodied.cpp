// SPDX-License-Identifier: Apache-2.0
#include "energy/carbon/embodied.hpp"

#include <algorithm>
#include <cmath>

#include "sim/support/describe.hpp"
#include "sim/support/error.hpp"

namespace lnsim::carbon {

// Found by the types' namespace, which an unnamed one within it is not.
template <class V>
static void describe(Range& p, V& v) {
  v.field("low", p.low, {.min = 0, .required = true}, "at least");
  v.field("mid", p.mid, {.min = 0, .required = true}, "most likely");
  v.field("high", p.high, {.min = 0, .required = true}, "at most");
}
template <class V>
static void describe(LogicProcess& p, V& v) {
  v.field("node_nm", p.node_nm, {.min = 0, .required = true, .unit = "nm", .min_exclusive = true}, "node");
  v.field("epa_kwh_per_cm2", p.epa_kwh_per_cm2, {.min = 0, .required = true, .unit = "kWh/cm2"}, "fab electricity");
  v.object("gpa_g_per_cm2", p.gpa_g_per_cm2, {.required = true}, "process gases, g CO2e/cm2");
  v.field("mpa_g_per_cm2", p.mpa_g_per_cm2, {.min = 0, .required = true, .unit = "g/cm2"}, "materials, CO2e");
  v.field("source", p.source, {.min = 1, .required = true}, "where the numbers come from");
}
template <class V>
static void describe(Fab& p, V& v) {
  v.field("location", p.location, {.min = 1, .required = true}, "name");
  v.field("g_per_kwh", p.g_per_kwh, {.min = 0, .required = true, .unit = "g/kWh"}, "intensity of its electricity");
  v.field("year", p.year, {.min = 1980, .max = 2100, .required = true}, "year of the figure");
  v.field("source", p.source, {.min = 1, .required = true}, "where the number comes from");
}
template <class V>
static void describe(DramCarbon& p, V& v) {
  v.field("type", p.type, {.min = 1, .required = true}, "beginning of the accelerator's dram.type");
  v.field("g_per_gb", p.g_per_gb, {.min = 0, .required = true, .unit = "g/GB"}, "CO2e per capacity");
}

namespace {

struct YieldFile {
  Yield yield;
  std::string model;
};
template <class V>
void describe(YieldFile& p, V& v) {
  v.field("model", p.model, {.required = true}, "fixed, poisson or murphy");
  v.field("value", p.yield.value, {.min = 0, .max = 1, .min_exclusive = true}, "fixed: good dies over all");
  v.field("defects_per_cm2", p.yield.defects_per_cm2, {.min = 0, .unit = "1/cm2"},
          "defect density of the other models");
  v.field("source", p.yield.source, {.min = 1, .required = true}, "where the numbers come from");
}
void check(const YieldFile& p, Problems& problems) {
  if (p.model != "fixed" && p.model != "poisson" && p.model != "murphy") {
    problems.add("/model", "\"" + p.model + "\"", "\"fixed\", \"poisson\" or \"murphy\"");
  }
}
struct Sourced {
  double value = 0;
  std::string source;
};
struct PackageFile : Sourced {};
template <class V>
void describe(PackageFile& p, V& v) {
  v.field("g", p.value, {.min = 0, .required = true, .unit = "g"}, "CO2e of a packaged chip");
  v.field("source", p.source, {.min = 1, .required = true}, "where the number comes from");
}
struct UtilizationFile : Sourced {};
template <class V>
void describe(UtilizationFile& p, V& v) {
  v.field("value", p.value, {.min = 0, .max = 1, .required = true, .min_exclusive = true}, "share of the life");
  v.field("source", p.source, {.min = 1, .required = true}, "where the number comes from");
}
struct LifetimeFile {
  Range years;
  std::string source;
};
template <class V>
void describe(LifetimeFile& p, V& v) {
  v.field("low", p.years.low, {.min = 0, .required = true, .unit = "years", .min_exclusive = true}, "longest");
  v.field("mid", p.years.mid, {.min = 0, .required = true, .unit = "years", .min_exclusive = true}, "usual");
  v.field("high", p.years.high, {.min = 0, .required = true, .unit = "years", .min_exclusive = true}, "shortest");
  v.field("source", p.source, {.min = 1, .required = true}, "where the numbers come from");
}
struct EmbodiedFile {
  EmbodiedData data;
  std::string description, source, dram_source;
  int year = 0;
  YieldFile yield;
  PackageFile package;
  LifetimeFile lifetime;
  UtilizationFile utilization;
};
template <class V>
void describe(EmbodiedFile& p, V& v) {
  v.tag("schema", "lnsim.embodied/1", "kind of file");
  v.field("description", p.description, "what it is");
  v.field("year", p.year, {.min = 1980, .max = 2100, .required = true}, "year of the figures");
  v.field("source", p.source, {.min = 1, .required = true}, "where the numbers come from");
  v.list("logic", p.data.logic, {.min = 1, .max = 100, .required = true}, "processes");
  v.list("fabs", p.data.fabs, {.min = 1, .max = 1000, .required = true}, "electricity of fabs");
  v.field("fab", p.data.fab, {.min = 1, .required = true}, "the one of `fabs` that is used");
  v.object("yield", p.yield, {.required = true}, "good dies");
  v.object("package", p.package, {.required = true}, "packages");
  v.list("dram", p.data.dram, {.min = 1, .max = 100, .required = true}, "memories");
  v.field("dram_source", p.dram_source, {.min = 1, .required = true}, "where the numbers of `dram` come from");
  v.field("other_dram", p.data.other_dram, {.min = 1, .required = true}, "the one of `dram` that stands for others");
  v.object("lifetime_years", p.lifetime, {.required = true}, "years in use");
  v.object("utilization", p.utilization, {.required = true}, "share of its life in which the hardware works");
}
void check(const EmbodiedFile& p, Problems& problems) {
  const auto ordered = [&](const Range& range, const std::string& where) {
    if (!(range.low <= range.mid && range.mid <= range.high)) problems.add(where, "", "low <= mid <= high");
  };
  for (std::size_t i = 0; i < p.data.logic.size(); ++i) {
    ordered(p.data.logic[i].gpa_g_per_cm2, "/logic/" + std::to_string(i) + "/gpa_g_per_cm2");
  }
  const Range& life = p.lifetime.years;
  if (!(life.low >= life.mid && life.mid >= life.high)) problems.add("/lifetime_years", "", "low >= mid >= high");
  if (std::none_of(p.data.fabs.begin(), p.data.fabs.end(),
                   [&](const Fab& fab) { return fab.location == p.data.fab; })) {
    problems.add("/fab", "\"" + p.data.fab + "\"", "a location of fabs");
  }
  if (std::none_of(p.data.dram.begin(), p.data.dram.end(),
                   [&](const DramCarbon& dram) { return dram.type == p.data.other_dram; })) {
    problems.add("/other_dram", "\"" + p.data.other_dram + "\"", "a type of dram");
  }
}

const DramCarbon& dram_row(const EmbodiedData& data, const std::string& type) {
  const DramCarbon* found = nullptr;
  for (const DramCarbon& dram : data.dram) {
    if (type.starts_with(dram.type) && (found == nullptr || dram.type.size() > found->type.size())) found = &dram;
  }
  if (found != nullptr) return *found;
  return *std::find_if(data.dram.begin(), data.dram.end(),
                       [&](const DramCarbon& dram) { return dram.type == data.other_dram; });
}

}  // namespace

double yield_of(const Yield& yield, double area_cm2) {
  const double defects = area_cm2 * yield.defects_per_cm2;
  switch (yield.model) {
    case YieldModel::kFixed: return yield.value;
    case YieldModel::kPoisson: return std::exp(-defects);
    case YieldModel::kMurphy: break;
  }
  if (defects == 0.0) return 1.0;
  const double part = -std::expm1(-defects) / defects;
  return part * part;
}

Json embodied_schema() { return schema_of<EmbodiedFile>("lnsim embodied"); }

EmbodiedData read_embodied(const std::filesystem::path& path) {
  auto file = read_object<EmbodiedFile>(read_json_file(path));
  EmbodiedData data = std::move(file.data);
  data.yield = file.yield.yield;
  data.yield.model = file.yield.model == "fixed"     ? YieldModel::kFixed
                     : file.yield.model == "poisson" ? YieldModel::kPoisson
                                                     : YieldModel::kMurphy;
  data.package_g = file.package.value;
  data.lifetime_years = file.lifetime.years;
  data.utilization = file.utilization.value;
  return data;
}

EmbodiedReport embodied_of(const Hardware& hardware, const EmbodiedData& data) {
  constexpr double kSecondsPerYear = 365.25 * 86400.0;      // [s] Julian year; definition
  constexpr double kMm2PerCm2 = 100.0;                      // [mm2/cm2] area; definition
  constexpr double kBytesPerGb = 1024.0 * 1024.0 * 1024.0;  // [byte] capacities are binary; assumed, 2026
  // Equal ratios are equal distances between nodes; the first of two that are as near.
  const auto process = std::min_element(data.logic.begin(), data.logic.end(), [&](const auto& x, const auto& y) {
    return std::abs(std::log(x.node_nm / hardware.node_nm)) < std::abs(std::log(y.node_nm / hardware.node_nm));
  });
  const auto fab =
      std::find_if(data.fabs.begin(), data.fabs.end(), [&](const Fab& one) { return one.location == data.fab; });
  if (process == data.logic.end() || fab == data.fabs.end())
    throw InputError("", "/fab", data.fab, "a fab of the table");
  const double area = hardware.die_mm2 / kMm2PerCm2;
  const DramCarbon& dram = dram_row(data, hardware.dram_type);
  EmbodiedReport report;
  report.process_nm = process->node_nm;
  report.dram_row = dram.type;
  report.yield = yield_of(data.yield, area);
  const double fixed = fab->g_per_kwh * process->epa_kwh_per_cm2 + process->mpa_g_per_cm2;
  report.die_g = (area / report.yield) * (Range{fixed, fixed, fixed} + process->gpa_g_per_cm2);
  report.package_g = data.package_g;
  report.dram_g = static_cast<double>(hardware.dram_bytes) / kBytesPerGb * dram.g_per_gb;
  const double rest = report.package_g + report.dram_g;
  report.total_g = report.die_g + Range{rest, rest, rest};
  const auto per_second = [&](double g, double years) { return g / (years * kSecondsPerYear * data.utilization); };
  report.g_per_second = {per_second(report.total_g.low, data.lifetime_years.low),
                         per_second(report.total_g.mid, data.lifetime_years.mid),
                         per_second(report.total_g.high, data.lifetime_years.high)};
  return report;
}

}  // namespace lnsim::carbon
