// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "energy/carbon/range.hpp"
#include "sim/support/json.hpp"

namespace lnsim::carbon {

/// What a square centimetre of wafer of a process costs to make (ACT, Gupta et al., ISCA 2022).
struct LogicProcess {
  double node_nm = 0;
  double epa_kwh_per_cm2 = 0;  ///< fab electricity
  Range gpa_g_per_cm2;         ///< process gases, after 99, 97 and 95 % abatement
  double mpa_g_per_cm2 = 0;    ///< materials
  std::string source;
};

struct Fab {
  std::string location;
  double g_per_kwh = 0;
  int year = 0;
  std::string source;
};

/// Good dies over all dies of area A, D defects per area: fixed; Poisson exp(-A D); Murphy ((1 - exp(-A D)) / (A D))^2.
enum class YieldModel : std::uint8_t { kFixed, kPoisson, kMurphy };
struct Yield {
  YieldModel model = YieldModel::kFixed;
  double value = 1;            ///< fixed
  double defects_per_cm2 = 0;  ///< the others
  std::string source;
};
[[nodiscard]] double yield_of(const Yield& yield, double area_cm2);

struct DramCarbon {
  std::string type;  ///< beginning of the accelerator's dram.type, "LPDDR4"
  double g_per_gb = 0;
};

/// configs/carbon/embodied.json ("lnsim.embodied/1").
struct EmbodiedData {
  std::vector<LogicProcess> logic;
  std::vector<Fab> fabs;
  std::string fab;  ///< the location used
  Yield yield;
  double package_g = 0;
  std::vector<DramCarbon> dram;
  std::string other_dram;  ///< stands for types without a row
  Range lifetime_years;    ///< low, mid, high of the carbon per hour: the longest life first
  double utilization = 1;  ///< share of its life in which the hardware works
};
/// Throws InputError with file and pointer.
[[nodiscard]] EmbodiedData read_embodied(const std::filesystem::path& path);
[[nodiscard]] Json embodied_schema();

/// One accelerator: a die in a package, and its DRAM.
struct Hardware {
  double die_mm2 = 0;
  double node_nm = 0;
  std::string dram_type;
  std::uint64_t dram_bytes = 0;
};

struct EmbodiedReport {
  Range die_g;
  double package_g = 0;
  double dram_g = 0;
  Range total_g;       ///< of one accelerator
  Range g_per_second;  ///< of its working life
  double yield = 1;
  double process_nm = 0;  ///< row of the table: the node, or where it has none the nearest
  std::string dram_row;
};
/// die: area x (fab intensity x EPA + GPA + MPA) / yield; DRAM: capacity (GB of 2^30 bytes) x carbon per GB; per second
/// of lifetime x utilization. A node without a row takes the nearest one's, a DRAM type without a row `other_dram`'s;
/// the report says which. Throws InputError if the data name no such fab or DRAM.
[[nodiscard]] EmbodiedReport embodied_of(const Hardware& hardware, const EmbodiedData& data);

}  // namespace lnsim::carbon
