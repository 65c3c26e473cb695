// SPDX-License-Identifier: Apache-2.0
// The ops on block-scaled formats: quantize_block, decode_block, dot_block.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/numerics/block_dot.hpp"
#include "sim/numerics/requests/dot_fields.hpp"
#include "sim/numerics/requests/operations.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

/// A name, or {"type": "block_lns", "bits", "gamma", "offset_bits"}.
BlockFormatPtr block_format(RequestFields& fields, const std::string& name) {
  const json& given = fields.raw(name);
  if (given.is_object()) {
    RequestFields inner(given, fields.path(name) + "/");
    if (inner.text("type") != "block_lns") throw SpecError(inner.path("type") + ": expected \"block_lns\"");
    const unsigned bits = inner.natural("bits", 2, 16);
    const unsigned gamma = inner.natural("gamma", 1);
    const unsigned offset_bits = inner.natural("offset_bits", 1, 8);
    inner.check_all_used();
    return make_block_lns(bits, gamma, offset_bits);
  }
  const std::string text = fields.text(name);
  if (BlockFormatPtr format = find_block_format(text)) return format;
  std::string known;
  for (const BlockFormatPtr& format : named_block_formats()) known += (known.empty() ? "" : ", ") + format->name();
  throw SpecError(fields.path(name) + ": unknown \"" + text + "\", expected one of " + known + ", or block_lns");
}

struct Codes {
  std::vector<Code> codes, scales;
  [[nodiscard]] BlockOperand operand() const { return {codes, scales}; }
};

Codes codes_of(RequestFields& fields, const std::string& codes, const std::string& scales) {
  constexpr auto kAny = std::numeric_limits<Code>::max();
  return {fields.codes(codes, kAny), fields.codes(scales, kAny)};
}

std::vector<double> decoded(const BlockFormat& format, const Codes& codes, double tensor_scale) {
  std::vector<double> values;
  for (std::size_t i = 0; i < codes.codes.size(); ++i) {
    const std::size_t block = i / format.block();
    if (block >= codes.scales.size()) throw SpecError("fewer scales than blocks");
    values.push_back(format.decode(codes.scales[block], codes.codes[i], tensor_scale));
  }
  if (codes.scales.size() != (codes.codes.size() + format.block() - 1) / format.block()) {
    throw SpecError("more scales than blocks");
  }
  return values;
}

}  // namespace

json evaluate_quantize_block(RequestFields& fields) {
  const BlockFormatPtr format = block_format(fields, "format");
  const std::vector<double> x = fields.numbers("x");
  double max_abs = 0.0;
  for (const double value : x) max_abs = std::max(max_abs, std::abs(value));
  const double scale = fields.has("tensor_scale") ? fields.scale("tensor_scale") : format->usual_tensor_scale(max_abs);
  Codes codes;
  codes.codes.resize(x.size());
  for (std::size_t first = 0; first < x.size(); first += format->block()) {
    const std::size_t count = std::min<std::size_t>(format->block(), x.size() - first);
    (void)format->quantize(std::span(x).subspan(first, count), scale, codes.scales.emplace_back(),
                           std::span(codes.codes).subspan(first, count));
  }
  json values = json::array();
  for (const double value : decoded(*format, codes, scale)) values.push_back(finite_number(value));
  return {{"tensor_scale", scale}, {"scales", codes.scales}, {"codes", codes.codes}, {"values", values}};
}

json evaluate_decode_block(RequestFields& fields) {
  const BlockFormatPtr format = block_format(fields, "format");
  const Codes codes = codes_of(fields, "codes", "scales");
  const double scale = fields.has("tensor_scale") ? fields.scale("tensor_scale") : 1.0;
  json values = json::array();
  for (const double value : decoded(*format, codes, scale)) values.push_back(finite_number(value));
  return {{"values", values}};
}

json evaluate_dot_block(RequestFields& fields) {
  BlockDotSpec spec;
  spec.a = block_format(fields, fields.has("format") ? "format" : "format_a");
  spec.b = fields.has("format") ? spec.a : block_format(fields, "format_b");
  spec.vector_size = fields.natural("V", 1);
  const FormatKind kind = spec.a->element().kind();
  spec.accumulator = read_accumulator(fields.raw("accumulator"), fields.path("accumulator"), kind == FormatKind::kInt);
  if (fields.has("W")) spec.window = fields.natural("W", 1);
  if (kind == FormatKind::kLns)
    read_lns_tree(fields, spec.a->element(), spec.b->element(), spec.conversion, spec.tree_fraction_bits,
                  spec.tree_exact);
  const auto unit = make_block_dot_unit(spec);
  const Codes a = codes_of(fields, "a", "scales_a");
  const Codes b = codes_of(fields, "b", "scales_b");
  if (a.codes.empty()) throw SpecError("the operands are empty");
  const double scale_a = fields.scale("scale_a");
  const double scale_b = fields.scale("scale_b");
  Psum psum;
  const std::uint64_t saturations = unit->dot(a.operand(), b.operand(), psum);
  const DotUnit::Exact exact = unit->exact(psum);
  const bool integer = kind == FormatKind::kLns && unit->result_fixed();
  json acc = integer ? json(spec.accumulator.chunk ? psum.outer : psum.inner)
                     : finite_number(std::ldexp(static_cast<double>(exact.mantissa), exact.exponent));
  return {{"acc", std::move(acc)},
          {"saturations", saturations},
          {"value", finite_number(unit->value(psum, scale_a, scale_b))}};
}

}  // namespace lnsim::numerics
