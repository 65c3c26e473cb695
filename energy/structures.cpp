// SPDX-License-Identifier: Apache-2.0
#include "energy/structures.hpp"

#include "energy/components/components.hpp"

namespace lnsim::energy {
namespace {

using numerics::LnsStructure;

std::size_t lanes_component() { return component_of(Action::kLanesVectorMacs); }

StructureCost cost_of(const EnergyReport& report, const Scheme& scheme, double clock_hz) {
  const auto scope = [&](Scope which) { return report.scope_j[static_cast<std::size_t>(which)]; };
  return {scheme.dot_product.conversion.structure,
          scheme.dot_product.sign_split,
          scope(Scope::kDatapath),
          scope(Scope::kPe),
          report.area_mm2[lanes_component()],
          !report.fastest_clock_hz || clock_hz <= *report.fastest_clock_hz};
}

/// Index of the least value among those that reach the clock; the first of equal ones.
std::optional<std::size_t> least(const std::vector<StructureCost>& costs, double StructureCost::*value) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (!costs[i].reaches_clock) continue;
    if (!found || costs[i].*value < costs[*found].*value) found = i;
  }
  return found;
}

}  // namespace

std::string_view structure_name(LnsStructure structure) {
  return structure == LnsStructure::kBinTrees ? "bin_trees" : "per_element";
}

std::optional<StructureChoice> choose_structure(std::span<const TraceEntry> entries, const Accelerator& accelerator,
                                                const Scheme& scheme, const Technology& technology, double clock_hz,
                                                const Optimizers& optimizers) {
  if (scheme.weight->kind() != numerics::FormatKind::kLns) return std::nullopt;
  StructureChoice choice;
  for (const LnsStructure structure : {LnsStructure::kPerElement, LnsStructure::kBinTrees}) {
    for (const bool sign_split : {false, true}) {
      Scheme variant = scheme;
      variant.dot_product.conversion.structure = structure;
      variant.dot_product.sign_split = sign_split;
      const bool own =
          structure == scheme.dot_product.conversion.structure && sign_split == scheme.dot_product.sign_split;
      if (own) choice.own = choice.costs.size();
      choice.costs.push_back(
          cost_of(price(entries, accelerator, variant, technology, clock_hz, optimizers), variant, clock_hz));
    }
  }
  choice.best = least(choice.costs, &StructureCost::datapath_j);
  choice.smallest = least(choice.costs, &StructureCost::lanes_area_mm2);
  return choice;
}

}  // namespace lnsim::energy
