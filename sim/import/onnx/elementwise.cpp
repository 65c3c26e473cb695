// SPDX-License-Identifier: Apache-2.0
// Functions of each element, and of the elements of two values.
#include <algorithm>
#include <utility>

#include "sim/import/onnx/importer.hpp"

namespace lnsim::onnx_import {
namespace {

/// Shape of a layer: the axes that have more than one element, at most eight.
Sizes shape_of(const TensorView& view) {
  Sizes shape;
  for (const std::uint64_t dim : view.dims) {
    if (dim != 1) shape.push_back(dim);
  }
  if (shape.empty() || shape.size() > 8) return {view.elements()};
  // As the elements lie, slowest first.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> axes;
  for (std::size_t i = 0; i < view.dims.size(); ++i) {
    if (view.dims[i] != 1) axes.emplace_back(view.strides[i], view.dims[i]);
  }
  std::stable_sort(axes.begin(), axes.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < axes.size(); ++i) shape[i] = axes[i].second;
  return shape;
}

template <class Op>
void of_each(Importer& importer, const Node& node, Op op) {
  const Value& given = importer.input(node, 0);
  if (given.integer) return importer.set(node, given);
  const Value value = importer.whole(node, given);
  op.shape = shape_of(value.view);
  importer.set(node, importer.add(node, op, {value}, value.view));
}

template <class Op>
void activation(Importer& importer, const Node& node) {
  of_each(importer, node, Op{});
}

template <UnaryFunction kFunction>
void unary(Importer& importer, const Node& node) {
  of_each(importer, node, Unary{kFunction, {}});
}

void same(Importer& importer, const Node& node) { importer.set(node, importer.input(node, 0)); }

void noted_as(Importer& importer, const Node& node, UnaryFunction function) {
  importer.note(node.op + " is priced as " + std::string(function_name(function)));
  of_each(importer, node, Unary{function, {}});
}
void as_tanh(Importer& importer, const Node& node) { noted_as(importer, node, UnaryFunction::kTanh); }
void as_exp(Importer& importer, const Node& node) { noted_as(importer, node, UnaryFunction::kExp); }
void as_elu(Importer& importer, const Node& node) { noted_as(importer, node, UnaryFunction::kElu); }
void as_clip(Importer& importer, const Node& node) { noted_as(importer, node, UnaryFunction::kClip); }
void prelu(Importer& importer, const Node& node) {
  importer.note("PRelu: its slopes are not trained");
  of_each(importer, node, Unary{UnaryFunction::kLeakyRelu, {}});
}

/// A clip at 0 alone is a relu.
void clip(Importer& importer, const Node& node) {
  const auto bound = [&](const char* key, std::size_t index) -> std::optional<double> {
    if (node.attributes.count(key) > 0) return node.real(key, 0);
    if (!importer.has_input(node, index)) return std::nullopt;
    const Value& value = importer.input(node, index);
    return value.constant ? value.constant->scalar() : std::nullopt;
  };
  constexpr double kHuge = 3e38;  // what exporters write for no bound
  const std::optional<double> low = bound("min", 1);
  const std::optional<double> high = bound("max", 2);
  if (low == 0.0 && high.value_or(kHuge) >= kHuge) return of_each(importer, node, Relu{});
  of_each(importer, node, Unary{UnaryFunction::kClip, {}});
}

/// Sizes of two values that are broadcast against each other.
Dims broadcast_or_refuse(const Importer& importer, const Node& node, const Dims& a, const Dims& b) {
  if (std::optional<Dims> dims = broadcast(a, b)) return *std::move(dims);
  importer.refuse(node, "sizes that differ", "equal ones, or 1");
}

/// The value under more axes of size 1.
Value of_rank(const Value& value, std::size_t rank) {
  Value result = value;
  while (result.view.dims.size() < rank) {
    result.view.dims.insert(result.view.dims.begin(), 1);
    result.view.strides.insert(result.view.strides.begin(), 1);
  }
  return result;
}

bool is(std::optional<double> value, double wanted) { return value && *value == wanted; }

/// Scales and shifts by one constant; neutral ones vanish, and a shift after a scale joins it.
void by_constant(Importer& importer, const Node& node, std::size_t at, BinaryFunction function) {
  const Value& given = importer.input(node, at);
  const std::optional<double> constant = importer.input(node, 1 - at).constant->scalar();
  const bool shift = function == BinaryFunction::kAdd || function == BinaryFunction::kSubtract;
  if (at == 0 && is(constant, shift ? 0 : 1)) return importer.set(node, given);
  if (function == BinaryFunction::kMultiply && is(constant, 1)) return importer.set(node, given);
  if (function == BinaryFunction::kMaximum || function == BinaryFunction::kMinimum) {
    const bool relu = function == BinaryFunction::kMaximum && is(constant, 0);
    const Value value = importer.whole(node, given);
    if (relu) return importer.set(node, importer.add(node, Relu{shape_of(value.view)}, {value}, value.view));
    return importer.set(node,
                        importer.add(node, Unary{UnaryFunction::kClip, shape_of(value.view)}, {value}, value.view));
  }
  if (function == BinaryFunction::kDivide && at == 1) {  // constant / x
    const Value value = importer.whole(node, given);
    return importer.set(
        node, importer.add(node, Unary{UnaryFunction::kReciprocal, shape_of(value.view)}, {value}, value.view));
  }
  if (LayerOp* before = importer.own_layer(node, at); before != nullptr && shift && at == 0) {
    if (auto* scale = std::get_if<Unary>(before); scale != nullptr && scale->function == UnaryFunction::kScale) {
      scale->function = UnaryFunction::kScaleShift;
      return importer.set(node, given);
    }
  }
  const UnaryFunction made = shift ? UnaryFunction::kShift : UnaryFunction::kScale;
  const Value value = importer.whole(node, given);
  importer.set(node, importer.add(node, Unary{made, shape_of(value.view)}, {value}, value.view));
}

/// Gives the layer before a bias, where the constant has an element per channel of a layer that has none.
bool becomes_bias(Importer& importer, const Node& node, std::size_t at) {
  const Value& given = importer.input(node, at);
  const Value constant = of_rank(importer.input(node, 1 - at), given.dims().size());
  LayerOp* before = importer.own_layer(node, at);
  if (before == nullptr || constant.dims().size() != given.dims().size()) return false;
  std::uint64_t channels = 0;
  bool* bias = nullptr;
  const auto take = [&](std::uint64_t out, bool& has) {
    channels = out;
    bias = &has;
  };
  if (auto* conv = std::get_if<Conv2d>(before)) take(conv->out_channels, conv->bias);
  if (auto* conv = std::get_if<ConvTranspose2d>(before)) take(conv->out_channels, conv->bias);
  if (auto* linear = std::get_if<Linear>(before)) take(linear->out_features, linear->bias);
  if (bias == nullptr || *bias) return false;
  for (std::size_t i = 0; i < given.dims().size(); ++i) {
    const bool channel_axis = given.dims()[i] == channels && (given.view.strides[i] == 1 || channels == 1);
    if (constant.dims()[i] != 1 && (!channel_axis || constant.dims()[i] != channels)) return false;
  }
  if (constant.view.elements() != channels) return false;
  *bias = true;
  return true;
}

/// Trained scales and shifts; a shift after a scale joins it.
void by_parameters(Importer& importer, const Node& node, std::size_t at, BinaryFunction function) {
  const bool shift = function == BinaryFunction::kAdd || function == BinaryFunction::kSubtract;
  const Value& given = importer.input(node, at);
  if (function == BinaryFunction::kAdd && becomes_bias(importer, node, at)) return importer.set(node, given);
  const std::uint64_t parameters = importer.input(node, 1 - at).view.elements();
  if (LayerOp* before = importer.own_layer(node, at); before != nullptr && shift) {
    auto* scale = std::get_if<Affine>(before);
    if (scale != nullptr && !scale->shift && scale->parameters == parameters) {
      scale->shift = true;
      return importer.set(node, given);
    }
  }
  const Value value = importer.whole(node, given);
  Affine op;
  op.shape = shape_of(value.view);
  op.parameters = parameters;
  op.scale = !shift;
  op.shift = shift;
  importer.set(node, importer.add(node, op, {value}, value.view));
}

void of_two(Importer& importer, const Node& node, BinaryFunction function) {
  const Dims dims = broadcast_or_refuse(importer, node, importer.input(node, 0).dims(), importer.input(node, 1).dims());
  Value a = of_rank(importer.input(node, 0), dims.size());
  Value b = of_rank(importer.input(node, 1), dims.size());
  const bool outside_a = a.constant || a.integer;
  const bool outside_b = b.constant || b.integer;
  if (outside_a && outside_b) {
    Value result;
    result.integer = true;
    result.tensor = "outside";
    result.view = row_major(dims);
    result.size = result.view.elements();
    return importer.set(node, result);
  }
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}}) {
    const Value& activation = at == 0 ? a : b;
    const Value& constant = at == 0 ? b : a;
    if (!constant.constant || activation.dims() != dims) continue;
    const bool trained = function != BinaryFunction::kMaximum && function != BinaryFunction::kMinimum &&
                         !(function == BinaryFunction::kDivide && at == 1);
    if (constant.view.elements() == 1 || !trained) return by_constant(importer, node, at, function);
    return by_parameters(importer, node, at, function);
  }
  // The larger one first; an outside tensor is read as it stands.
  if (a.view.elements() < b.view.elements()) std::swap(a, b);
  if (a.dims() != dims) {
    if (a.constant || a.integer) importer.refuse(node, "a constant larger than its partner", "the other way round");
    Move move;
    move.from = {a.size};
    move.to = elements_of(dims);
    a = importer.add(node, move, {a}, in_order_of(a.view, dims), ".repeat");
  }
  a = importer.whole(node, a);
  b = importer.whole(node, b);
  const bool equal = b.dims() == dims;
  if (equal && !b.integer && !b.constant) b = importer.laid_out(node, b, a.view);
  if (function == BinaryFunction::kAdd && equal) {
    return importer.set(node, importer.add(node, Add{shape_of(a.view)}, {a, b}, a.view));
  }
  Binary op{function, shape_of(a.view), equal ? 0 : b.view.elements()};
  importer.set(node, importer.add(node, op, {a, b}, a.view));
}

template <BinaryFunction kFunction>
void binary(Importer& importer, const Node& node) {
  if (node.inputs.size() == 1) return same(importer, node);
  if (node.inputs.size() < 2) importer.refuse(node, "no inputs", "two");
  if (node.inputs.size() == 2) return of_two(importer, node, kFunction);
  // Of more than two inputs, a node for each after the first.
  Node step = node;
  std::string sum = node.inputs[0];
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    step.inputs = {sum, node.inputs[i]};
    of_two(importer, step, kFunction);
    sum = node.outputs.at(0);
  }
}

void power(Importer& importer, const Node& node) {
  const Value& exponent = importer.input(node, 1);
  const std::optional<double> value = exponent.constant ? exponent.constant->scalar() : std::nullopt;
  if (is(value, 1)) return same(importer, node);
  if (is(value, 2)) return of_each(importer, node, Unary{UnaryFunction::kSquare, {}});
  if (is(value, 0.5)) return of_each(importer, node, Unary{UnaryFunction::kSqrt, {}});
  if (is(value, -1)) return of_each(importer, node, Unary{UnaryFunction::kReciprocal, {}});
  noted_as(importer, node, is(value, 3) ? UnaryFunction::kSquare : UnaryFunction::kExp);
}

/// What compares or counts gives a mask.
void mask(Importer& importer, const Node& node) {
  Dims dims = importer.input(node, 0).dims();
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (importer.has_input(node, i)) dims = broadcast_or_refuse(importer, node, dims, importer.input(node, i).dims());
  }
  Value result;
  result.integer = true;
  result.tensor = "outside";
  result.view = row_major(dims);
  result.size = result.view.elements();
  importer.set(node, result);
}

/// A choice by a mask between one activation and constants: a compare per element.
void where(Importer& importer, const Node& node) {
  for (const std::size_t at : {std::size_t{1}, std::size_t{2}}) {
    const Value& value = importer.input(node, at);
    const Value& other = importer.input(node, 3 - at);
    if (value.constant || value.integer || !(other.constant || other.integer)) continue;
    importer.note("Where is priced as clip");
    const Value read = importer.whole(node, value);
    return importer.set(node, importer.add(node, Unary{UnaryFunction::kClip, shape_of(read.view)}, {read}, read.view));
  }
  const bool outside_1 = importer.input(node, 1).constant || importer.input(node, 1).integer;
  if (outside_1) return mask(importer, node);
  importer.refuse(node, "a choice between two activations", "one activation and a constant");
}

}  // namespace

void add_elementwise(OperatorTable& table) {
  table["Relu"] = activation<Relu>;
  table["Gelu"] = activation<Gelu>;
  table["lnsim.Gelu"] = activation<Gelu>;
  table["Sigmoid"] = unary<UnaryFunction::kSigmoid>;
  table["Tanh"] = unary<UnaryFunction::kTanh>;
  table["lnsim.Silu"] = unary<UnaryFunction::kSilu>;
  table["HardSigmoid"] = unary<UnaryFunction::kHardSigmoid>;
  table["HardSwish"] = unary<UnaryFunction::kHardSwish>;
  table["lnsim.HardSwish"] = unary<UnaryFunction::kHardSwish>;
  table["LeakyRelu"] = unary<UnaryFunction::kLeakyRelu>;
  table["Elu"] = unary<UnaryFunction::kElu>;
  table["Abs"] = unary<UnaryFunction::kAbs>;
  table["Neg"] = unary<UnaryFunction::kScale>;
  table["Exp"] = unary<UnaryFunction::kExp>;
  table["Sqrt"] = unary<UnaryFunction::kSqrt>;
  table["Reciprocal"] = unary<UnaryFunction::kReciprocal>;
  table["Erf"] = as_tanh;
  table["Log"] = as_exp;
  table["Softplus"] = as_elu;
  table["Selu"] = as_elu;
  table["Celu"] = as_elu;
  table["Mish"] = as_elu;
  table["Softsign"] = as_elu;
  table["Sign"] = as_clip;
  table["Floor"] = as_clip;
  table["Ceil"] = as_clip;
  table["Round"] = as_clip;
  table["PRelu"] = prelu;
  table["Clip"] = clip;
  table["Pow"] = power;
  table["Add"] = binary<BinaryFunction::kAdd>;
  table["Sum"] = binary<BinaryFunction::kAdd>;
  table["Sub"] = binary<BinaryFunction::kSubtract>;
  table["Mul"] = binary<BinaryFunction::kMultiply>;
  table["Div"] = binary<BinaryFunction::kDivide>;
  table["Max"] = binary<BinaryFunction::kMaximum>;
  table["Min"] = binary<BinaryFunction::kMinimum>;
  for (const char* name : {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Not",
                           "CumSum", "Mod", "IsNaN", "IsInf"}) {
    table[name] = mask;
  }
  table["Where"] = where;
  for (const char* name : {"Identity", "Cast", "CastLike", "Dropout"}) table[name] = same;
}

}  // namespace lnsim::onnx_import
