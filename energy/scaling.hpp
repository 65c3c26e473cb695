// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::energy {

/// What one use, one instance and one delay of a circuit become, relative to another node or supply.
struct ScalingFactors {
  double energy = 1;
  double area = 1;
  double leakage = 1;
  double delay = 1;
};

/// Product: first one step, then the other.
[[nodiscard]] ScalingFactors operator*(const ScalingFactors& first, const ScalingFactors& second);

/// One node of a published scaling set. Energy and delay are polynomials of the supply in relative units (only ratios
/// between nodes of a set have a meaning); area is relative to the first node of the set.
struct ScalingNode {
  std::string name;  ///< "HP7"
  double node_nm = 0;
  double lowest_v = 0;  ///< supplies for which the polynomials hold
  double highest_v = 0;
  std::array<double, 3> energy{};  ///< V^2, V, 1
  std::array<double, 4> delay{};   ///< V^3, V^2, V, 1
  double area = 0;
};

/// A published set of scaling factors (configs/technology/data/scaling_*.json).
struct ScalingSet {
  std::string name;
  std::string source;
  int year = 0;
  std::vector<ScalingNode> nodes;

  /// Throws InputError of the place that names the node, with the nearest known one.
  [[nodiscard]] const ScalingNode& node(std::string_view wanted, const std::string& file,
                                        const std::string& pointer) const;
  /// From one node and supply to another. Energy, area and delay by the set; leakage power of an instance by
  /// (node_to / node_from) x (V_to / V_from): leakage current per micrometre of gate width constant, widths shrink with
  /// the node (no set states leakage). Throws InputError for a supply outside of a node's range.
  [[nodiscard]] ScalingFactors between(const ScalingNode& from, double from_v, const ScalingNode& to,
                                       double to_v) const;
};

/// Reads a set. Throws InputError.
[[nodiscard]] ScalingSet read_scaling_set(const std::filesystem::path& path);

/// Other supply of the same node: energy V^2; leakage power V (the current is held constant: no drain-induced barrier
/// lowering); delay V / (V - threshold)^alpha (alpha-power law, Sakurai and Newton, IEEE JSSC 25(2), 1990).
/// Both supplies must lie above the threshold.
[[nodiscard]] ScalingFactors supply_factors(double from_v, double to_v, double threshold_v, double alpha);

}  // namespace lnsim::energy
