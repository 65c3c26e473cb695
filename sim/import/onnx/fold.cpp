// SPDX-License-Identifier: Apache-2.0
// Nodes all of whose inputs are constants: the arithmetic on sizes that exporters leave in a graph, and on weights, of
// which only the size matters.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "sim/import/onnx/importer.hpp"
#include "sim/support/text.hpp"

namespace lnsim::onnx_import {
namespace {

Value value_of(Constant constant) {
  Value value;
  value.view = row_major(constant.dims);
  value.constant = std::move(constant);
  return value;
}

bool has_integers(const Constant& c) { return c.integer && c.integers.size() == c.elements() && c.elements() > 0; }
bool has_reals(const Constant& c) { return !c.integer && c.reals.size() == c.elements() && c.elements() > 0; }

Constant of_integers(Dims dims, std::vector<std::int64_t> integers) {
  Constant made;
  made.dims = std::move(dims);
  made.integer = true;
  made.integers = std::move(integers);
  return made;
}

Constant of_size(Dims dims, bool integer) {
  Constant made;
  made.dims = std::move(dims);
  made.integer = integer;
  return made;
}

using Integers = std::function<std::optional<std::int64_t>(std::int64_t, std::int64_t)>;

std::optional<std::int64_t> checked(bool overflow, std::int64_t value) {
  return overflow ? std::nullopt : std::optional(value);
}

/// Functions of two integers; nullopt where there is no result.
const std::map<std::string_view, Integers>& integer_functions() {
  static const std::map<std::string_view, Integers> functions = {
      {"Add",
       [](std::int64_t a, std::int64_t b) {
         std::int64_t r = 0;
         return checked(__builtin_add_overflow(a, b, &r), r);
       }},
      {"Sub",
       [](std::int64_t a, std::int64_t b) {
         std::int64_t r = 0;
         return checked(__builtin_sub_overflow(a, b, &r), r);
       }},
      {"Mul",
       [](std::int64_t a, std::int64_t b) {
         std::int64_t r = 0;
         return checked(__builtin_mul_overflow(a, b, &r), r);
       }},
      {"Div",
       [](std::int64_t a, std::int64_t b) {
         const bool none = b == 0 || (a == std::numeric_limits<std::int64_t>::min() && b == -1);
         return none ? std::nullopt : std::optional(a / b);
       }},
      {"Mod",
       [](std::int64_t a, std::int64_t b) {
         if (b == 0 || b == -1) return b == 0 ? std::nullopt : std::optional<std::int64_t>(0);
         const std::int64_t rest = a % b;
         return std::optional(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
       }},
      {"Min", [](std::int64_t a, std::int64_t b) { return std::optional(std::min(a, b)); }},
      {"Max", [](std::int64_t a, std::int64_t b) { return std::optional(std::max(a, b)); }},
      {"Equal", [](std::int64_t a, std::int64_t b) { return std::optional<std::int64_t>(a == b); }},
      {"Greater", [](std::int64_t a, std::int64_t b) { return std::optional<std::int64_t>(a > b); }},
      {"Less", [](std::int64_t a, std::int64_t b) { return std::optional<std::int64_t>(a < b); }},
      {"And", [](std::int64_t a, std::int64_t b) { return std::optional<std::int64_t>(a != 0 && b != 0); }},
      {"Or", [](std::int64_t a, std::int64_t b) { return std::optional<std::int64_t>(a != 0 || b != 0); }}};
  return functions;
}

std::optional<Value> of_two(const Node& node, const Constant& a, const Constant& b) {
  const std::optional<Dims> dims = broadcast(a.dims, b.dims);
  if (!dims) return std::nullopt;
  Constant made = of_size(*dims, a.integer && b.integer);
  const auto function = integer_functions().find(node.op);
  const std::uint64_t count = made.elements();
  const bool known = has_integers(a) && has_integers(b) && function != integer_functions().end();
  const bool simple = (a.elements() == count || a.elements() == 1) && (b.elements() == count || b.elements() == 1);
  if (known && simple && count <= kMostKeptElements) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto result =
          function->second(a.integers[a.elements() == 1 ? 0 : i], b.integers[b.elements() == 1 ? 0 : i]);
      if (!result) return value_of(of_size(*dims, true));
      made.integers.push_back(*result);
    }
  }
  const auto real_a = a.scalar();
  const auto real_b = b.scalar();
  if (!made.integer && count == 1 && real_a && real_b) {
    if (node.op == "Add") made.reals = {*real_a + *real_b};
    if (node.op == "Sub") made.reals = {*real_a - *real_b};
    if (node.op == "Mul") made.reals = {*real_a * *real_b};
    if (node.op == "Div" && *real_b != 0) made.reals = {*real_a / *real_b};
  }
  return value_of(std::move(made));
}

std::int64_t to_integer(double real) {
  constexpr double kLimit = 9.2e18;
  return std::isfinite(real) ? static_cast<std::int64_t>(std::clamp(real, -kLimit, kLimit)) : 0;
}

Value cast(const Node& node, Constant constant) {
  constexpr std::int64_t kFloat = 1, kFloat16 = 10, kDouble = 11, kBfloat16 = 16;  // TensorProto::DataType
  const std::int64_t to = node.integer("to", kFloat);
  const bool real = to == kFloat || to == kFloat16 || to == kDouble || to == kBfloat16;
  if (real && constant.integer) {
    for (const std::int64_t value : constant.integers) constant.reals.push_back(static_cast<double>(value));
    constant.integers.clear();
  } else if (!real && !constant.integer) {
    for (const double value : constant.reals) constant.integers.push_back(to_integer(value));
    constant.reals.clear();
  }
  constant.integer = !real;
  return value_of(std::move(constant));
}

std::optional<Value> concat(const Importer& importer, const Node& node) {
  Constant made = *importer.input(node, 0).constant;
  if (made.dims.empty()) return std::nullopt;
  const std::size_t axis = importer.axis(node, node.integer("axis", 0), made.dims.size());
  bool known = made.dims.size() == 1;
  made.dims[axis] = 0;
  std::vector<std::int64_t> integers;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Constant& part = *importer.input(node, i).constant;
    if (part.dims.size() != made.dims.size()) return std::nullopt;
    made.dims[axis] = checked_add(made.dims[axis], part.dims[axis]);
    known &= part.elements() == 0 || has_integers(part);
    known &= integers.size() + part.integers.size() <= kMostKeptElements;
    if (!known) continue;
    integers.insert(integers.end(), part.integers.begin(), part.integers.end());
  }
  made.integers = known ? integers : std::vector<std::int64_t>();
  made.reals.clear();
  (void)elements_of(made.dims);
  return value_of(std::move(made));
}

std::optional<Value> gather(const Importer& importer, const Node& node) {
  const Constant& data = *importer.input(node, 0).constant;
  const Constant& indices = *importer.input(node, 1).constant;
  if (data.dims.empty()) return std::nullopt;
  const std::size_t axis = importer.axis(node, node.integer("axis", 0), data.dims.size());
  const auto at = data.dims.begin() + static_cast<std::ptrdiff_t>(axis);
  Dims dims(data.dims.begin(), at);
  dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
  dims.insert(dims.end(), at + 1, data.dims.end());
  Constant made = of_size(dims, data.integer);
  (void)elements_of(dims);
  if (data.dims.size() == 1 && has_integers(data) && has_integers(indices)) {
    for (const std::int64_t index : indices.integers) {
      made.integers.push_back(data.integers[importer.axis(node, index, data.integers.size())]);
    }
  }
  return value_of(std::move(made));
}

/// Slices of one axis keep their elements, others only their size.
std::optional<Value> slice(const Importer& importer, const Node& node) {
  const Constant& data = *importer.input(node, 0).constant;
  const auto starts = importer.listed(node, "starts", 1);
  const auto ends = importer.listed(node, "ends", 2);
  const auto axes = importer.listed(node, "axes", 3);
  const auto steps = importer.listed(node, "steps", 4);
  if (!starts || !ends || starts->size() != ends->size()) return std::nullopt;
  Constant made = of_size(data.dims, data.integer);
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const std::int64_t given = axes && i < axes->size() ? (*axes)[i] : static_cast<std::int64_t>(i);
    const std::size_t axis = importer.axis(node, given, data.dims.size());
    const std::int64_t step = steps && i < steps->size() ? (*steps)[i] : 1;
    const auto taken = slice_size(data.dims[axis], (*starts)[i], (*ends)[i], step);
    if (!taken) return std::nullopt;
    made.dims[axis] = *taken;
    if (data.dims.size() != 1 || starts->size() != 1 || !has_integers(data)) continue;
    const auto size = static_cast<std::int64_t>(data.integers.size());
    std::int64_t at = (*starts)[0] < 0 ? std::max<std::int64_t>((*starts)[0] + size, step < 0 ? -1 : 0) : (*starts)[0];
    at = std::min(at, step < 0 ? size - 1 : size);
    for (std::uint64_t n = 0; n < *taken; ++n, at += step) {
      made.integers.push_back(data.integers.at(static_cast<std::size_t>(at)));
    }
  }
  return value_of(std::move(made));
}

std::optional<Value> constant_of_shape(const Importer& importer, const Node& node) {
  Dims dims;
  for (const std::int64_t size : importer.integers(node, 0)) {
    if (size < 0) importer.refuse(node, "a size of " + std::to_string(size), "at least 0");
    dims.push_back(static_cast<std::uint64_t>(size));
  }
  const std::uint64_t count = elements_of(dims);
  const auto found = node.attributes.find("value");
  Constant made = of_size(dims, false);
  if (found == node.attributes.end() || !found->second.tensor) return value_of(made);
  made.integer = found->second.tensor->integer;
  const auto fill = found->second.tensor->scalar();
  if (fill && count <= kMostKeptElements) {
    if (made.integer) made.integers.assign(count, to_integer(*fill));
    if (!made.integer) made.reals.assign(count, *fill);
  }
  return value_of(made);
}

std::optional<Value> range(const Importer& importer, const Node& node) {
  const auto start = importer.input(node, 0).constant->scalar();
  const auto end = importer.input(node, 1).constant->scalar();
  const auto step = importer.input(node, 2).constant->scalar();
  if (!start || !end || !step || *step == 0) return std::nullopt;
  const double count = std::ceil((*end - *start) / *step);
  if (!(count >= 0 && count < 1e9)) importer.refuse(node, "a range without end", "at most 10^9 elements");
  const auto size = static_cast<std::uint64_t>(count);
  Constant made = of_size({size}, importer.input(node, 0).constant->integer);
  for (std::uint64_t i = 0; made.integer && size <= kMostKeptElements && i < size; ++i) {
    made.integers.push_back(to_integer(*start + static_cast<double>(i) * *step));
  }
  return value_of(made);
}

std::optional<Value> product_of_all(const Constant& data) {
  if (!has_integers(data)) return std::nullopt;
  std::int64_t product = 1;
  for (const std::int64_t value : data.integers) {
    if (__builtin_mul_overflow(product, value, &product)) return std::nullopt;
  }
  return value_of(of_integers({}, {product}));
}

Value transposed_constant(const Importer& importer, const Node& node, const Constant& data) {
  Dims dims(data.dims.rbegin(), data.dims.rend());
  if (const auto* perm = node.integers("perm"); perm != nullptr && !perm->empty()) {
    if (perm->size() != data.dims.size()) importer.refuse(node, "perm of another rank", "every axis once");
    for (std::size_t i = 0; i < perm->size(); ++i) {
      dims[i] = data.dims[importer.axis(node, (*perm)[i], data.dims.size())];
    }
  }
  Constant made = data.dims.size() < 2 ? data : of_size(dims, data.integer);
  return value_of(std::move(made));
}

std::optional<Value> where(const Importer& importer, const Node& node) {
  const Constant& condition = *importer.input(node, 0).constant;
  const Constant& yes = *importer.input(node, 1).constant;
  const Constant& no = *importer.input(node, 2).constant;
  const std::optional<Dims> both = broadcast(yes.dims, no.dims);
  const std::optional<Dims> dims = both ? broadcast(*both, condition.dims) : std::nullopt;
  if (!dims) return std::nullopt;
  Constant made = of_size(*dims, yes.integer);
  const std::uint64_t count = made.elements();
  const auto fits = [&](const Constant& c) { return has_integers(c) && (c.elements() == count || c.elements() == 1); };
  if (count <= kMostKeptElements && fits(condition) && fits(yes) && fits(no)) {
    const auto at = [](const Constant& c, std::uint64_t i) { return c.integers[c.elements() == 1 ? 0 : i]; };
    for (std::uint64_t i = 0; i < count; ++i) made.integers.push_back(at(condition, i) != 0 ? at(yes, i) : at(no, i));
  }
  return value_of(std::move(made));
}

const std::set<std::string_view> kOfTwo = {"Add",         "Sub", "Mul",   "Div",     "Mod",  "Min",
                                           "Max",         "Pow", "Equal", "Greater", "Less", "GreaterOrEqual",
                                           "LessOrEqual", "And", "Or"};
/// Of which a weight keeps its size.
const std::set<std::string_view> kOfOne = {
    "Neg",    "Abs",  "Sqrt", "Exp",     "Log", "Reciprocal",       "Floor",          "Ceil", "Round",
    "Not",    "Sign", "Tanh", "Sigmoid", "Erf", "DequantizeLinear", "QuantizeLinear", "Clip", "Relu",
    "Softmax"};

}  // namespace

std::optional<std::uint64_t> slice_size(std::uint64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0 || step == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 2) return std::nullopt;
  const auto all = static_cast<std::int64_t>(size);
  const auto bounded = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    return std::clamp(at < 0 ? at + all : at, low, high);
  };
  const std::int64_t first = step > 0 ? bounded(start, 0, all) : bounded(start, -1, all - 1);
  // An end below every index means "to the front" where the steps go back.
  const std::int64_t last = step > 0 ? bounded(end, 0, all) : (end < -all ? -1 : bounded(end, -1, all - 1));
  const std::int64_t distance = step > 0 ? last - first : first - last;
  const std::int64_t stride = step > 0 ? step : -step;
  return distance <= 0 ? 0 : static_cast<std::uint64_t>((distance - 1) / stride + 1);
}

std::optional<Value> fold(const Importer& importer, const Node& node) {
  const Constant& first = *importer.input(node, 0).constant;
  const std::string& op = node.op;
  if (op == "Identity" || op == "Dropout") return importer.input(node, 0);
  if (op == "Cast") return cast(node, first);
  if (op == "Concat") return concat(importer, node);
  if (op == "Gather") return gather(importer, node);
  if (op == "Slice") return slice(importer, node);
  if (op == "ConstantOfShape") return constant_of_shape(importer, node);
  if (op == "Range") return range(importer, node);
  if (op == "ReduceProd") return product_of_all(first);
  if (op == "Transpose") return transposed_constant(importer, node, first);
  if (op == "Where") return where(importer, node);
  if (op == "Expand" || op == "Tile") {
    Dims dims;
    for (const std::int64_t size : importer.integers(node, 1))
      dims.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(size, 1)));
    if (op == "Expand") {
      const std::optional<Dims> grown = broadcast(first.dims, dims);
      if (!grown) return std::nullopt;
      dims = *grown;
    } else {
      if (dims.size() != first.dims.size()) return std::nullopt;
      for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = checked_mul(dims[i], first.dims[i]);
    }
    (void)elements_of(dims);
    Constant made = of_size(dims, first.integer);
    const auto fill = first.scalar();
    if (fill && made.integer && made.elements() <= kMostKeptElements)
      made.integers.assign(made.elements(), to_integer(*fill));
    return value_of(std::move(made));
  }
  if (kOfTwo.count(op) > 0 && importer.has_input(node, 1))
    return of_two(node, first, *importer.input(node, 1).constant);
  if (kOfOne.count(op) > 0) {
    Constant made = of_size(first.dims, first.integer);
    if ((op == "Floor" || op == "Ceil" || op == "Round") && has_reals(first)) made.reals = first.reals;
    if (op == "Neg" && has_integers(first)) {
      for (const std::int64_t value : first.integers)
        made.integers.push_back(value == std::numeric_limits<std::int64_t>::min() ? value : -value);
    }
    for (double& real : made.reals)
      real = op == "Floor" ? std::floor(real) : (op == "Ceil" ? std::ceil(real) : std::nearbyint(real));
    return value_of(std::move(made));
  }
  return std::nullopt;
}

}  // namespace lnsim::onnx_import
