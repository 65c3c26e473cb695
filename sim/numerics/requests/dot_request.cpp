// SPDX-License-Identifier: Apache-2.0
// The op dot: LNS operands as signs and exponent codes, INT and FP operands as codes.
#include <algorithm>
#include <cmath>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/requests/dot_fields.hpp"
#include "sim/numerics/requests/operations.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

/// format, or format_a and format_b.
void read_formats(RequestFields& fields, DotSpec& spec) {
  if (fields.has("format")) {
    spec.a = spec.b = fields.format("format");
  } else {
    spec.a = fields.format("format_a");
    spec.b = fields.format("format_b");
  }
}

DotSpec lns_spec(RequestFields& fields, DotSpec spec) {
  spec.vector_size = fields.natural("V", 1);
  FixedAccumulator accumulator;
  accumulator.bits = fields.natural_or("A", 24, 2, 64);
  accumulator.guard = fields.natural_or("G", 6, 0);
  accumulator.rounding = read_rounding(fields, "rnd", Rounding::kFloor);
  spec.accumulator.fixed = accumulator;
  read_lns_tree(fields, *spec.a, *spec.b, spec.conversion, spec.tree_fraction_bits, spec.tree_exact);
  return spec;
}

DotSpec linear_spec(RequestFields& fields, DotSpec spec) {
  const bool integers = spec.a->kind() == FormatKind::kInt;
  spec.vector_size = fields.natural("V", 1);
  spec.accumulator = read_accumulator(fields.raw("accumulator"), fields.path("accumulator"), integers);
  if (fields.has("W")) spec.window = fields.natural("W", 1);
  if (fields.has("F")) {
    if (integers || !spec.accumulator.fixed) {
      throw SpecError(fields.path("F") + ": belongs to FP operands with a fixed accumulator");
    }
    read_tree_bits(fields, false, spec.tree_fraction_bits, spec.tree_exact);
  }
  return spec;
}

std::vector<std::byte> pack(const Format& format, const std::vector<Code>& codes) {
  std::vector<std::byte> packed(codes.size() * format.container_bytes());
  for (std::size_t i = 0; i < codes.size(); ++i) store_code(packed.data(), i, format.container_bytes(), codes[i]);
  return packed;
}

std::vector<Code> lns_codes(RequestFields& fields, const Format& format, const std::string& operand) {
  const auto& lns = dynamic_cast<const LnsFormat&>(format);
  const auto signs = fields.codes("s" + operand, 1);
  const auto exponents = fields.codes("e" + operand, static_cast<std::uint32_t>(lns.max_exponent()));
  if (signs.size() != exponents.size()) throw SpecError("s" + operand + " and e" + operand + " differ in length");
  std::vector<Code> codes;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    codes.push_back(lns.code(signs[i] == 1, static_cast<std::int32_t>(exponents[i])));
  }
  return codes;
}

std::vector<Code> linear_codes(RequestFields& fields, const Format& format, const std::string& name) {
  auto codes = fields.codes(name, std::numeric_limits<Code>::max());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (!format.valid(codes[i])) {
      throw CodeError(fields.path(name) + "/" + std::to_string(i) + ": " + std::to_string(codes[i]) +
                      " is not a number of " + format.name());
    }
  }
  return codes;
}

json accumulator_value(const DotUnit& unit, const Psum& psum) {
  const AccumulatorSpec& spec = unit.spec().accumulator;
  const bool integer =
      unit.spec().a->kind() != FormatKind::kFloat && spec.fixed && !(spec.chunk && spec.outer_floating);
  if (integer) return unit.accumulator_integer(psum);
  const DotUnit::Exact exact = unit.exact(psum);
  return finite_number(std::ldexp(static_cast<double>(exact.mantissa), exact.exponent));
}

}  // namespace

json evaluate_dot(RequestFields& fields) {
  DotSpec spec;
  read_formats(fields, spec);
  const bool lns = spec.a->kind() == FormatKind::kLns;
  spec = lns ? lns_spec(fields, spec) : linear_spec(fields, spec);
  const auto unit = make_dot_unit(spec);
  const auto a = lns ? lns_codes(fields, *spec.a, "a") : linear_codes(fields, *spec.a, "a");
  const auto b = lns ? lns_codes(fields, *spec.b, "b") : linear_codes(fields, *spec.b, "b");
  if (a.size() != b.size()) throw SpecError("the operands differ in length");
  if (!lns && a.empty()) throw SpecError("the operands are empty");
  const double scale_a = fields.scale("scale_a");
  const double scale_b = fields.scale("scale_b");

  Psum psum;
  const auto packed_a = pack(*spec.a, a);
  const auto packed_b = pack(*spec.b, b);
  const std::uint64_t saturations = gemm(*unit, packed_a.data(), packed_b.data(), 1, 1, a.size(), &psum);
  return {{"acc", accumulator_value(*unit, psum)},
          {"saturations", saturations},
          {"value", finite_number(unit->value(psum, scale_a, scale_b))}};
}

}  // namespace lnsim::numerics
