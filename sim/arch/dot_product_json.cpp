// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/dot_product_json.hpp"

#include <string>

#include "sim/numerics/block_format.hpp"

namespace lnsim {
namespace {

/// Operand formats of a bare unit: "format", or both of "format_a" and "format_b".
OperandPair read_operands(const BareUnitJson& json, const std::string& file, const std::string& pointer) {
  const bool both = !json.format_a.is_null() && !json.format_b.is_null();
  const bool either = !json.format_a.is_null() || !json.format_b.is_null();
  if (!json.format.is_null() && !either) {
    const numerics::FormatPtr format = read_format(json.format, file, pointer_to(pointer, "format"));
    return {format, format};
  }
  if (!json.format.is_null() || !both) {
    throw InputError(file, pointer, "", "\"format\", or both \"format_a\" and \"format_b\"");
  }
  return {read_format(json.format_a, file, pointer_to(pointer, "format_a")),
          read_format(json.format_b, file, pointer_to(pointer, "format_b"))};
}

Json write_accumulator(const std::optional<numerics::FixedAccumulator>& fixed,
                       const std::optional<numerics::FloatAccumulator>& floating, bool exact_sums) {
  Json json = Json::object();
  if (fixed) {
    json["type"] = "fixed";
    json["bits"] = fixed->bits;
    if (fixed->guard) json["guard"] = *fixed->guard;
    if (!exact_sums) json["rounding"] = detail::name_of(fixed->rounding, kRoundings);
  } else {
    json["type"] = "float";
    json["exponent"] = floating->exponent;
    json["mantissa"] = floating->mantissa;
    json["rounding"] = detail::name_of(floating->rounding, kRoundings);
    if (floating->bias) json["bias"] = *floating->bias;
  }
  return json;
}

Json tree_fraction(const DotProductParams& params) {
  return params.tree_exact ? Json(nullptr) : Json(params.tree_fraction_bits.value_or(0));
}

Json write_conversion(const DotProductParams& params) {
  Json json = Json::object();
  json["structure"] = detail::name_of(params.conversion.structure, kLnsStructures);
  json["lut_entries"] = params.conversion.lut_entries;
  json["fraction_bits"] = params.conversion.fraction_bits;
  json["tree_fraction_bits"] = tree_fraction(params);
  return json;
}

}  // namespace

void add_problems(Problems& problems, const InputError& error) {
  for (const InputProblem& problem : error.problems()) problems.add(problem.where, problem.value, problem.expected);
}

DotProductParams read_dot_product(const Json& json, const std::string& file, const std::string& pointer) {
  const auto read = read_object<BareUnitJson>(json, file, pointer);
  const OperandPair operands = read_operands(read, file, pointer);
  Problems problems(file, pointer);
  DotProductParams params = resolve_unit(read.unit, {operands}, problems);
  problems.throw_if_any();
  params.format_a = operands.a;
  params.format_b = operands.b;
  params.vector_size = read.vector_size;
  try {
    (void)accumulator_bits(params, operands.a, operands.b, static_cast<unsigned>(read.vector_size));
  } catch (const numerics::SpecError& error) {
    throw InputError(file, pointer, operands.a->name() + " x " + operands.b->name(),
                     std::string("a unit that exists (") + error.what() + ")");
  }
  return params;
}

Json write_dot_product(const DotProductParams& params, numerics::FormatKind kind) {
  Json json = Json::object();
  if (params.format_a) {
    const bool equal = params.format_a == params.format_b;
    json[equal ? "format" : "format_a"] = write_format(*params.format_a);
    if (!equal) json["format_b"] = write_format(*params.format_b);
  }
  if (params.vector_size) json["vector_size"] = *params.vector_size;
  const bool exact_sums = kind == numerics::FormatKind::kInt;
  if (kind == numerics::FormatKind::kLns) json["conversion"] = write_conversion(params);
  if (!exact_sums) json["sign_split"] = params.sign_split;
  const numerics::AccumulatorSpec& accumulator = params.accumulator;
  if (kind == numerics::FormatKind::kFloat && accumulator.fixed) json["tree_fraction_bits"] = tree_fraction(params);
  if (params.window) json["window"] = *params.window;
  Json& inner = json["accumulator"] = write_accumulator(accumulator.fixed, accumulator.floating, exact_sums);
  if (accumulator.chunk) {
    inner["chunk"] = *accumulator.chunk;
    inner["outer"] = write_accumulator(accumulator.outer_fixed, accumulator.outer_floating, exact_sums);
  }
  return json;
}

Json format_schema() {
  Json names = Json::array();
  for (const numerics::FormatPtr& format : numerics::named_formats()) names.push_back(format->name());
  for (const numerics::BlockFormatPtr& format : numerics::named_block_formats()) names.push_back(format->name());
  Json lns = {{"type", "object"},
              {"properties",
               {{"type", {{"const", "lns"}}},
                {"bits", {{"type", "integer"}, {"minimum", 2}, {"maximum", 16}}},
                {"gamma", {{"type", "integer"}, {"minimum", 1}, {"maximum", 32768}}},
                {"zero", {{"enum", {"zero_code", "min_code"}}, {"default", "zero_code"}}}}},
              {"additionalProperties", false},
              {"required", {"type", "bits", "gamma"}}};
  Json block_lns = {{"type", "object"},
                    {"properties",
                     {{"type", {{"const", "block_lns"}}},
                      {"bits", {{"type", "integer"}, {"minimum", 2}, {"maximum", 16}}},
                      {"gamma", {{"type", "integer"}, {"minimum", 1}, {"maximum", 32768}}},
                      {"offset_bits", {{"type", "integer"}, {"minimum", 1}, {"maximum", 8}}}}},
                    {"additionalProperties", false},
                    {"required", {"type", "bits", "gamma", "offset_bits"}}};
  return {{"anyOf", {{{"enum", std::move(names)}}, std::move(lns), std::move(block_lns)}}};
}

void patch_raw_schemas(Json& schema) {
  for (auto& [key, property] : schema["properties"].items()) {
    if (key == "tree_fraction_bits") property["type"] = {"integer", "null"};
    if (key == "format" || key == "format_a" || key == "format_b") property.update(format_schema());
    if (property.contains("properties")) patch_raw_schemas(property);
  }
}

Json dot_product_schema() {
  Json schema = schema_of<BareUnitJson>("lnsim dot-product unit");
  patch_raw_schemas(schema);
  return schema;
}

}  // namespace lnsim
