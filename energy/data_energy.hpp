// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "energy/accounting.hpp"
#include "sim/data/activity.hpp"

namespace lnsim::energy {

/// Switching of a pass relative to that of random operands, which is what the prices stand for.
struct SwitchingRatios {
  double operand_a = 1;
  double operand_b = 1;
  double products = 1;  ///< multipliers, alignment, per-element conversion
  double tree = 1;      ///< that of the products where sums of the tree are not known
  double accumulator = 1;
};

/// Dynamic energy of the datapath in one execution of a pass, clock tree not included: as the prices have it for random
/// operands, and with the switching that the real operands caused.
struct DataEnergy {
  double lanes_j = 0;
  double operand_registers_j = 0;
  double collector_j = 0;

  [[nodiscard]] double total_j() const { return lanes_j + operand_registers_j + collector_j; }
  DataEnergy& add(const DataEnergy& other, double times);
};
struct MeasuredEnergy {
  SwitchingRatios ratios;
  DataEnergy nominal;
  DataEnergy measured;
};

/// What random operands do to the registers of a unit: 512 groups of products of normal codes (standard deviation a
/// quarter of full scale; 16-bit and wider floats: 1), sums restarted every 16 groups, as the gate-level data were made
/// (gate_level_45nm.json, assumptions, 2026). Deterministic.
[[nodiscard]] DataActivity random_activity(const numerics::DotSpec& spec);

/// Prices passes with data. What clocks cost does not depend on data: of a flip-flop only what exceeds an idle one
/// does. Memories, network and DRAM have no data-dependent price.
class DataPricer {
 public:
  /// As price(); accelerator, scheme and technology must outlive the pricer.
  DataPricer(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology,
             const Optimizers& optimizers);

  /// Empty for a pass without data or without activity (an older trace). Throws as price().
  [[nodiscard]] std::optional<MeasuredEnergy> price(const TraceEntry& entry);

 private:
  const DataActivity& random_of(const PassUnit& unit);

  Machine machine_;
  std::map<std::tuple<std::string, std::string>, DataActivity> random_;
};

}  // namespace lnsim::energy
