// SPDX-License-Identifier: Apache-2.0
#include "energy/primitive.hpp"

#include <algorithm>
#include <cmath>

namespace lnsim::energy {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Primitive::kCount)> kPrimitiveNames{
    "adder",
    "multiplier_unsigned",
    "multiplier_signed",
    "shifter",
    "mux",
    "max",
    "leading_zero_counter",
    "decoder",
    "register",
    "register_idle",
    "tree_bit",
    "inverter",
    "and",
    "table_bit",
    "constant_bit",
    "sram_read",
    "sram_write",
    "wire",
    "dram_read",
    "dram_write",
    "dram_column_read",
    "dram_column_write",
    "dram_activate",
    "dram_refresh",
    "dram_background"};

constexpr std::array<std::string_view, kFactors> kFactorNames{"multiply_activity",
                                                              "exponent_max_activity",
                                                              "float_accumulate_activity",
                                                              "float_accumulate_area",
                                                              "pipeline_register_activity",
                                                              "integer_tree_activity",
                                                              "shift_area_base",
                                                              "shift_area_slope",
                                                              "tree_signed_base",
                                                              "tree_signed_slope",
                                                              "tree_split",
                                                              "tree_level_decay",
                                                              "tree_signed_area",
                                                              "held16_multiply",
                                                              "held16_exponent_max",
                                                              "held16_shift",
                                                              "held16_tree",
                                                              "held16_pipeline_register",
                                                              "delay_tree_level",
                                                              "delay_tree_adder",
                                                              "delay_tree_split",
                                                              "delay_fixed_accumulate",
                                                              "delay_float_accumulate",
                                                              "delay_max_level",
                                                              "delay_conversion"};

double law(Growth growth, double width) {
  switch (growth) {
    case Growth::kLinear: return width;
    case Growth::kQuadratic: return width * width;
    case Growth::kLinearLog: return width * std::log2(std::max(width, 2.0));
  }
  return width;
}

Price scaled(const Price& price, double factor) {
  return {price.energy_fj * factor, price.area_um2 * factor, price.leakage_nw * factor};
}

/// Geometric interpolation; linear where an end is zero.
double between(double low, double high, double x) {
  if (low <= 0.0 || high <= 0.0) return low + (high - low) * x;
  return low * std::pow(high / low, x);
}

}  // namespace

std::string_view primitive_name(Primitive primitive) { return kPrimitiveNames[static_cast<std::size_t>(primitive)]; }

std::optional<Primitive> find_primitive(std::string_view name) {
  const auto found = std::find(kPrimitiveNames.begin(), kPrimitiveNames.end(), name);
  if (found == kPrimitiveNames.end()) return std::nullopt;
  return static_cast<Primitive>(found - kPrimitiveNames.begin());
}

std::string_view factor_name(Factor factor) { return kFactorNames[static_cast<std::size_t>(factor)]; }

Price PrimitiveTable::at(double width) const {
  if (width <= 0.0 || points.empty()) return {};
  const PrimitivePoint& first = points.front();
  const PrimitivePoint& last = points.back();
  if (width <= first.width) return scaled(first.price, law(growth, width) / law(growth, first.width));
  if (width >= last.width) return scaled(last.price, law(growth, width) / law(growth, last.width));
  const auto high = std::lower_bound(points.begin(), points.end(), width,
                                     [](const PrimitivePoint& point, double w) { return point.width < w; });
  const auto low = high - 1;
  const double x = std::log(width / low->width) / std::log(high->width / low->width);
  return {between(low->price.energy_fj, high->price.energy_fj, x),
          between(low->price.area_um2, high->price.area_um2, x),
          between(low->price.leakage_nw, high->price.leakage_nw, x)};
}

double PrimitiveTable::delay_ns(double width) const {
  if (points.empty()) return 0.0;
  if (width <= points.front().width) return points.front().delay_ns;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const PrimitivePoint& low = points[i - 1];
    const PrimitivePoint& high = points[i];
    if (width > high.width) continue;
    return low.delay_ns + (high.delay_ns - low.delay_ns) * (width - low.width) / (high.width - low.width);
  }
  const double widest = std::max(points.back().width, 2.0);
  return points.back().delay_ns * std::log(std::max(width, 2.0)) / std::log(widest);
}

}  // namespace lnsim::energy
