// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/arch/operand_pairs.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/support/describe.hpp"

/// The dot_product object as a file writes it, before its defaults are known. Private to sim/arch.
namespace lnsim {

enum class AccumulatorKind : std::uint8_t { kFixed, kFloat };

/// The fields of an accumulator object as written; which of them belong together is checked by resolve_unit.
struct OuterAccumulatorJson {
  AccumulatorKind type = AccumulatorKind::kFixed;
  std::optional<unsigned> bits;
  std::optional<unsigned> exponent;
  std::optional<unsigned> mantissa;
  std::optional<numerics::Rounding> rounding;
  std::optional<int> bias;
};

struct AccumulatorJson {
  OuterAccumulatorJson inner;  ///< its fields stand in the accumulator object itself
  std::optional<unsigned> guard;
  std::optional<std::uint64_t> chunk;
  std::optional<OuterAccumulatorJson> outer;
};

/// A field that may be a number, null (exact) or absent; absent is a discarded JSON value.
struct TreeFractionJson {
  Json value = Json(Json::value_t::discarded);
  [[nodiscard]] bool given() const { return !value.is_discarded(); }
};

struct ConversionJson {
  std::optional<numerics::LnsStructure> structure;
  std::optional<unsigned> lut_entries;
  std::optional<unsigned> fraction_bits;
  TreeFractionJson tree_fraction;
};

/// The dot_product object of a scheme, as written.
struct UnitJson {
  std::optional<ConversionJson> conversion;
  TreeFractionJson tree_fraction;  ///< beside the window; one of the two places
  std::optional<unsigned> window;
  std::optional<bool> sign_split;
  AccumulatorJson accumulator;
};

/// A unit alone: with its operands.
struct BareUnitJson {
  Json format;
  Json format_a;
  Json format_b;
  std::uint64_t vector_size = 32;
  UnitJson unit;
};

/// Reads numbers out of the fields, fills in the defaults for operands of that kind and reports fields that do not
/// belong to them. The pairs decide defaults that depend on the operands: lut_entries (8, or gamma if that is less) and
/// window (28 with an FP32 operand, else 16 with a (5, 10) accumulator, else 24; left open where pairs differ).
[[nodiscard]] DotProductParams resolve_unit(const UnitJson& json, const std::vector<OperandPair>& pairs,
                                            Problems& problems);

/// Adds the problems of a caught InputError, whose pointers are absolute; `problems` must be at the root.
void add_problems(Problems& problems, const InputError& error);
/// Replaces the schemas of raw properties: number formats ("format...") and tree fractions (integer or null).
void patch_raw_schemas(Json& schema);
/// The schema of a number format.
[[nodiscard]] Json format_schema();

inline constexpr std::array<std::pair<std::string_view, AccumulatorKind>, 2> kAccumulatorKinds{
    {{"fixed", AccumulatorKind::kFixed}, {"float", AccumulatorKind::kFloat}}};
inline constexpr std::array<std::pair<std::string_view, numerics::Rounding>, 3> kRoundings{
    {{"floor", numerics::Rounding::kFloor},
     {"rhe", numerics::Rounding::kNearestEven},
     {"zero", numerics::Rounding::kTowardZero}}};
inline constexpr std::array<std::pair<std::string_view, numerics::LnsStructure>, 2> kLnsStructures{
    {{"bin_trees", numerics::LnsStructure::kBinTrees}, {"per_element", numerics::LnsStructure::kPerElement}}};

template <class V>
void describe_accumulator(OuterAccumulatorJson& p, V& v) {
  v.choice("type", p.type, kAccumulatorKinds, {.required = true}, "fixed point or floating point");
  v.field("bits", p.bits, {.min = 2, .max = 62, .unit = "bits"}, "fixed: width with sign");
  v.field("exponent", p.exponent, {.min = 2, .max = 8, .unit = "bits"}, "float: exponent field");
  v.field("mantissa", p.mantissa, {.min = 1, .max = 23, .unit = "bits"}, "float: fraction field");
  v.field("bias", p.bias, {.min = -1000, .max = 1000}, "float: exponent bias; 2^(exponent-1) - 1 by default");
  v.choice("rounding", p.rounding, kRoundings, "fixed: floor (default) or rhe; float: rhe (default) or zero");
}

template <class V>
void describe(OuterAccumulatorJson& p, V& v) {
  describe_accumulator(p, v);
}

template <class V>
void describe(AccumulatorJson& p, V& v) {
  describe_accumulator(p.inner, v);
  v.field("guard", p.guard, {.min = 0, .max = 63, .unit = "bits"},
          "fixed: headroom; 6 for LNS, 3 for FP, none for INT");
  v.field("chunk", p.chunk, {.min = 1, .max = 1099511627776.0}, "elements per chunk, a multiple of the vector size");
  v.object("outer", p.outer, "accumulator of chunk sums; as the inner one by default");
}

template <class V>
void describe(ConversionJson& p, V& v) {
  v.choice("structure", p.structure, kLnsStructures, "a tree per table entry, or a table per element (default)");
  v.field("lut_entries", p.lut_entries, {.min = 1, .max = 32768}, "table entries, a power of two; 8, at most gamma");
  v.field("fraction_bits", p.fraction_bits, {.min = 0, .max = 32, .unit = "bits"}, "of a table entry; 8 by default");
  v.raw("tree_fraction_bits", p.tree_fraction.value, "bits of the adder tree below the accumulator's; null: exact");
}

template <class V>
void describe(UnitJson& p, V& v) {
  v.object("conversion", p.conversion, "LNS operands: logarithmic to linear");
  v.field("sign_split", p.sign_split, "positive and negative magnitudes in trees of their own");
  v.field("window", p.window, {.min = 1, .max = 58, .unit = "bits"},
          "FP operands, float accumulator: alignment window");
  v.raw("tree_fraction_bits", p.tree_fraction.value,
        "fixed accumulator: tree bits below the accumulator's; null: exact");
  v.object("accumulator", p.accumulator, {.required = true}, "where group sums are added");
}

template <class V>
void describe(BareUnitJson& p, V& v) {
  v.raw("format", p.format, "number format of both operands");
  v.raw("format_a", p.format_a, "number format of operand a, if they differ");
  v.raw("format_b", p.format_b, "number format of operand b");
  v.field("vector_size", p.vector_size, {.min = 1, .max = 1024}, "elements (V) per group");
  describe(p.unit, v);
}

}  // namespace lnsim
