// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requests/dot_fields.hpp"

#include <algorithm>

#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

FixedAccumulator fixed_accumulator(RequestFields& fields, bool integer_operands, bool outer) {
  FixedAccumulator result;
  result.bits = fields.natural("bits", 2, 64);
  // INT has neither guard bits nor a rounding; an outer accumulator shares the inner one's LSB.
  if (!integer_operands) {
    if (!outer && fields.has("guard")) result.guard = fields.natural("guard", 0);
    result.rounding = read_rounding(fields, "rounding", Rounding::kFloor);
    if (result.rounding == Rounding::kTowardZero) throw SpecError(fields.path("rounding") + ": expected floor or rhe");
  }
  return result;
}

FloatAccumulator float_accumulator(RequestFields& fields) {
  FloatAccumulator result;
  result.exponent = fields.natural("exponent", 1, 64);
  result.mantissa = fields.natural("mantissa", 0, 64);
  result.rounding = read_rounding(fields, "rounding", Rounding::kNearestEven);
  if (result.rounding == Rounding::kFloor) throw SpecError(fields.path("rounding") + ": expected rhe or zero");
  if (fields.has("bias")) result.bias = static_cast<int>(fields.integer("bias", -100000, 100000));
  return result;
}

bool is_fixed(RequestFields& fields) {
  const std::string type = fields.text("type");
  if (type != "fixed" && type != "float") {
    throw SpecError(fields.path("type") + ": \"" + type + "\", expected \"fixed\" or \"float\"");
  }
  return type == "fixed";
}

}  // namespace

Rounding read_rounding(RequestFields& fields, const std::string& name, Rounding fallback) {
  if (!fields.has(name)) return fallback;
  const std::string text = fields.text(name);
  if (text == "floor") return Rounding::kFloor;
  if (text == "rhe") return Rounding::kNearestEven;
  if (text == "zero") return Rounding::kTowardZero;
  throw SpecError(fields.path(name) + ": unknown \"" + text + "\"");
}

AccumulatorSpec read_accumulator(const json& object, const std::string& path, bool integer_operands) {
  RequestFields fields(object, path + "/");
  AccumulatorSpec result;
  if (is_fixed(fields)) {
    result.fixed = fixed_accumulator(fields, integer_operands, false);
  } else {
    result.floating = float_accumulator(fields);
  }
  if (fields.has("chunk")) result.chunk = fields.natural("chunk", 1);
  if (fields.has("outer")) {
    RequestFields outer(fields.raw("outer"), path + "/outer/");
    if (is_fixed(outer)) {
      result.outer_fixed = fixed_accumulator(outer, integer_operands, true);
    } else {
      result.outer_floating = float_accumulator(outer);
    }
    outer.check_all_used();
  }
  fields.check_all_used();
  return result;
}

void read_tree_bits(RequestFields& fields, bool exact, std::optional<unsigned>& tree_fraction_bits, bool& tree_exact) {
  if (!fields.has("F")) {
    tree_exact = exact;
  } else if (fields.raw("F").is_null()) {
    tree_exact = true;
  } else {
    tree_fraction_bits = fields.natural("F", 0);
  }
}

void read_lns_tree(RequestFields& fields, const Format& a, const Format& b, LnsConversion& conversion,
                   std::optional<unsigned>& tree_fraction_bits, bool& tree_exact) {
  const auto& lns_a = dynamic_cast<const LnsFormat&>(a);
  const auto* lns_b = dynamic_cast<const LnsFormat*>(&b);
  const unsigned gamma = std::max(lns_a.gamma(), lns_b != nullptr ? lns_b->gamma() : 1U);
  conversion.lut_entries = fields.natural_or("L", std::min(8U, gamma), 1);
  conversion.fraction_bits = fields.natural_or("C", 8, 0, 64);
  read_tree_bits(fields, true, tree_fraction_bits, tree_exact);
  const std::string structure = fields.has("structure") ? fields.text("structure") : "bin_trees";
  if (structure != "bin_trees" && structure != "per_element") {
    throw SpecError(fields.path("structure") + ": \"" + structure + "\", expected \"bin_trees\" or \"per_element\"");
  }
  conversion.structure = structure == "bin_trees" ? LnsStructure::kBinTrees : LnsStructure::kPerElement;
}

}  // namespace lnsim::numerics
