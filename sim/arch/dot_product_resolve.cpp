// SPDX-License-Identifier: Apache-2.0
// From a dot_product object as written to a unit with every default filled in.
#include <algorithm>
#include <string>

#include "sim/arch/dot_product_json.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim {
namespace {

using numerics::FormatKind;

constexpr unsigned kDefaultBits = 24;
constexpr unsigned kDefaultLutEntries = 8;
constexpr unsigned kLnsGuard = 6;
constexpr unsigned kFloatGuard = 3;

std::string kind_name(FormatKind kind) {
  return kind == FormatKind::kLns ? "LNS" : kind == FormatKind::kInt ? "INT" : "floating-point";
}

template <class T>
std::string text_of(const T& value) {
  return Json(value).dump();
}

/// Reports a field that was given although it does not belong to the unit.
template <class T>
void forbid(Problems& problems, const char* pointer, const std::optional<T>& field, const std::string& owner) {
  if (!field) return;
  std::string value = "given";
  if constexpr (std::is_arithmetic_v<T>) value = text_of(*field);
  problems.add(pointer, value, "no such field here: it belongs to " + owner);
}

void check_rounding(Problems& problems, const OuterAccumulatorJson& json) {
  const bool fixed = json.type == AccumulatorKind::kFixed;
  if (fixed && json.rounding == numerics::Rounding::kTowardZero) problems.add("/rounding", "\"zero\"", "floor or rhe");
  if (!fixed && json.rounding == numerics::Rounding::kFloor) problems.add("/rounding", "\"floor\"", "rhe or zero");
}

/// One accumulator, inner or outer, at the current place.
void resolve_accumulator(const OuterAccumulatorJson& json, std::optional<numerics::FixedAccumulator>& fixed,
                         std::optional<numerics::FloatAccumulator>& floating, Problems& problems) {
  check_rounding(problems, json);
  if (json.type == AccumulatorKind::kFixed) {
    forbid(problems, "/exponent", json.exponent, "float accumulators");
    forbid(problems, "/mantissa", json.mantissa, "float accumulators");
    forbid(problems, "/bias", json.bias, "float accumulators");
    fixed = numerics::FixedAccumulator{json.bits.value_or(kDefaultBits), std::nullopt,
                                       json.rounding.value_or(numerics::Rounding::kFloor)};
    return;
  }
  forbid(problems, "/bits", json.bits, "fixed accumulators");
  numerics::FloatAccumulator result;
  result.exponent = json.exponent.value_or(result.exponent);
  result.mantissa = json.mantissa.value_or(result.mantissa);
  result.rounding = json.rounding.value_or(result.rounding);
  result.bias = json.bias.value_or((1 << (result.exponent - 1)) - 1);
  floating = result;
}

void resolve_guard(const AccumulatorJson& json, FormatKind kind, numerics::AccumulatorSpec& spec, Problems& problems) {
  if (!spec.fixed) {
    forbid(problems, "/guard", json.guard, "fixed accumulators");
  } else if (kind == FormatKind::kInt) {
    forbid(problems, "/guard", json.guard, "LNS and floating-point operands (INT has no guard bits)");
    if (json.inner.rounding) problems.add("/rounding", "given", "no such field: INT sums are exact");
  } else {
    spec.fixed->guard = json.guard.value_or(kind == FormatKind::kLns ? kLnsGuard : kFloatGuard);
  }
}

void resolve_outer(const AccumulatorJson& json, numerics::AccumulatorSpec& spec, Problems& problems) {
  spec.chunk = json.chunk;
  if (!json.chunk) {
    forbid(problems, "/outer", json.outer, "accumulators with a chunk length");
    return;
  }
  if (json.outer) {
    const Problems::Scope scope(problems, "outer");
    resolve_accumulator(*json.outer, spec.outer_fixed, spec.outer_floating, problems);
  } else {
    spec.outer_fixed = spec.fixed;
    if (spec.outer_fixed) spec.outer_fixed->guard.reset();  // its LSB is the inner one's
    spec.outer_floating = spec.floating;
  }
}

numerics::AccumulatorSpec resolve_accumulators(const AccumulatorJson& json, FormatKind kind, Problems& problems) {
  const Problems::Scope scope(problems, "accumulator");
  numerics::AccumulatorSpec spec;
  resolve_accumulator(json.inner, spec.fixed, spec.floating, problems);
  resolve_guard(json, kind, spec, problems);
  resolve_outer(json, spec, problems);
  return spec;
}

/// The largest table that every pair of LNS operands allows: the smallest of their common gammas.
unsigned largest_table(const std::vector<OperandPair>& pairs) {
  unsigned entries = kDefaultLutEntries;
  for (const OperandPair& pair : pairs) {
    const auto& a = dynamic_cast<const numerics::LnsFormat&>(*pair.a);
    const auto& b = dynamic_cast<const numerics::LnsFormat&>(*pair.b);
    entries = std::min(entries, std::max(a.gamma(), b.gamma()));
  }
  return entries;
}

void resolve_conversion(const UnitJson& json, FormatKind kind, const std::vector<OperandPair>& pairs,
                        DotProductParams& params, Problems& problems) {
  if (kind == FormatKind::kLns) params.conversion.lut_entries = largest_table(pairs);
  if (!json.conversion) return;
  const Problems::Scope scope(problems, "conversion");
  if (kind != FormatKind::kLns) {
    const std::string owner = "LNS operands, not " + kind_name(kind) + " ones";
    forbid(problems, "/structure", json.conversion->structure, owner);
    forbid(problems, "/lut_entries", json.conversion->lut_entries, owner);
    forbid(problems, "/fraction_bits", json.conversion->fraction_bits, owner);
    return;
  }
  params.conversion.structure = json.conversion->structure.value_or(params.conversion.structure);
  params.conversion.lut_entries = json.conversion->lut_entries.value_or(params.conversion.lut_entries);
  params.conversion.fraction_bits = json.conversion->fraction_bits.value_or(params.conversion.fraction_bits);
}

void resolve_tree(const UnitJson& json, FormatKind kind, DotProductParams& params, Problems& problems) {
  constexpr unsigned kMost = 128;
  const bool inside = json.conversion && json.conversion->tree_fraction.given();
  const bool belongs = kind == FormatKind::kLns || (kind == FormatKind::kFloat && params.accumulator.fixed);
  const char* const pointer = inside ? "/conversion/tree_fraction_bits" : "/tree_fraction_bits";
  if (!inside && !json.tree_fraction.given()) {
    if (belongs) params.tree_fraction_bits = 0;
    return;
  }
  const Json& value = inside ? json.conversion->tree_fraction.value : json.tree_fraction.value;
  if (inside && json.tree_fraction.given()) {
    problems.add("/tree_fraction_bits", brief_json(json.tree_fraction.value), "one place: it stands in conversion too");
  } else if (!belongs) {
    problems.add(pointer, brief_json(value),
                 "no such field here: it belongs to LNS operands, and to floating-point " +
                     std::string("ones with a fixed accumulator"));
  } else if (value.is_null()) {
    params.tree_exact = true;
  } else if (!value.is_number_integer() || value < 0 || value > kMost) {
    problems.add(pointer, brief_json(value), "0.." + std::to_string(kMost) + ", or null for an exact tree");
  } else {
    params.tree_fraction_bits = value.get<unsigned>();
  }
}

/// Source of the defaults: the alignment of the synthesised units (FP32 28 bits, FP16 accumulation 16, others 24).
unsigned default_window(const OperandPair& pair, const numerics::FloatAccumulator& accumulator) {
  if (pair.a->name() == "fp32" || pair.b->name() == "fp32") return 28;
  return accumulator.exponent == 5 && accumulator.mantissa == 10 ? 16 : 24;
}

void resolve_window(const UnitJson& json, FormatKind kind, const std::vector<OperandPair>& pairs,
                    DotProductParams& params, Problems& problems) {
  if (kind != FormatKind::kFloat || !params.accumulator.floating) {
    forbid(problems, "/window", json.window, "floating-point operands with a float accumulator");
    return;
  }
  params.window = json.window;
  if (params.window) return;
  const auto by_operands = [&](const OperandPair& pair) { return default_window(pair, *params.accumulator.floating); };
  const unsigned first = by_operands(pairs.front());
  const bool equal =
      std::all_of(pairs.begin(), pairs.end(), [&](const OperandPair& pair) { return by_operands(pair) == first; });
  if (equal) params.window = first;
}

}  // namespace

DotProductParams resolve_unit(const UnitJson& json, const std::vector<OperandPair>& pairs, Problems& problems) {
  const FormatKind kind = pairs.front().a->kind();
  DotProductParams params;
  params.accumulator = resolve_accumulators(json.accumulator, kind, problems);
  resolve_conversion(json, kind, pairs, params, problems);
  resolve_tree(json, kind, params, problems);
  resolve_window(json, kind, pairs, params, problems);
  if (kind == FormatKind::kInt) {
    forbid(problems, "/sign_split", json.sign_split, "LNS and floating-point operands (signed magnitudes)");
  }
  params.sign_split = json.sign_split.value_or(false);
  return params;
}

}  // namespace lnsim
