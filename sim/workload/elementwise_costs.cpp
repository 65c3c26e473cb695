// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/elementwise_costs.hpp"

#include <string_view>
#include <utility>

namespace lnsim {
namespace {

constexpr Per kEach = Per::kElement;
constexpr Per kOut = Per::kOutput;
constexpr Per kSecond = Per::kSecond;
constexpr Per kChannel = Per::kChannel;
constexpr auto kForward = PassKind::kForward;
constexpr auto kInputGrad = PassKind::kInputGrad;
constexpr auto kWeightGrad = PassKind::kWeightGrad;

StreamCost act(std::string_view tensor, Per what = kEach) { return {tensor, Role::kActivation, {1, what}, {}}; }
StreamCost grad(std::string_view tensor, Per what = kEach) { return {tensor, Role::kGradient, {1, what}, {}}; }
StreamCost parameters(std::string_view tensor, int count) { return {tensor, Role::kParameter, {count, kChannel}, {}}; }
const StreamCost kMask = {"mask", Role::kMask, {1, kEach}, {}};

/// Operations per element.
OpCost per(VectorOp op, int count) { return {op, {{count, kEach}}}; }
OpCost each_add(int count) { return per(VectorOp::kAdd, count); }
OpCost each_multiply(int count) { return per(VectorOp::kMultiply, count); }
OpCost each_compare(int count) { return per(VectorOp::kCompare, count); }
const OpCost kExp = per(VectorOp::kExp, 1);
const OpCost kReciprocal = per(VectorOp::kReciprocal, 1);
const OpCost kTanh = per(VectorOp::kTanh, 1);
const OpCost kRsqrt = per(VectorOp::kRsqrt, 1);
/// What sums the gradients of a broadcast element.
const OpCost kBroadcastSum = {VectorOp::kAdd, {{1, kEach}, {-1, kSecond}}};

/// What the derivative is computed from.
enum class From : std::uint8_t { kNothing, kInput, kOutput, kSign };

void append_unary(std::vector<SweepCost>& table, std::string_view name, std::vector<OpCost> forward, From from,
                  std::vector<OpCost> backward) {
  std::vector<StreamCost> writes = {act("y")};
  std::vector<StreamCost> reads = {grad("dy")};
  if (from == From::kSign) writes.push_back(kMask);
  if (from == From::kSign) reads.push_back(kMask);
  if (from == From::kInput) reads.insert(reads.begin(), act("x"));
  if (from == From::kOutput) reads.insert(reads.begin(), act("y"));
  table.push_back({name, kForward, "forward", {{1, kEach}}, {act("x")}, writes, std::move(forward)});
  if (backward.empty()) return;
  table.push_back({name, kInputGrad, "backward", {{1, kEach}}, reads, {grad("dx")}, std::move(backward)});
}

/// sigmoid s = 1 / (1 + exp(-x)): dx = dy s (1 - s). tanh: dx = dy (1 - y^2). silu y = x s, with s again in the
/// backward: dx = dy s (1 + x (1 - s)). The hard forms are straight lines between two bounds. elu a (exp(x) - 1) below
/// 0, where dx = dy (y + a). sqrt x = x rsqrt(x), dx = dy / (2 y). A mask says where a derivative is not that of the
/// bounds.
void append_unary_functions(std::vector<SweepCost>& table) {
  append_unary(table, "sigmoid", {each_add(1), kExp, kReciprocal}, From::kOutput, {each_add(1), each_multiply(2)});
  append_unary(table, "tanh", {kTanh}, From::kOutput, {each_add(1), each_multiply(2)});
  append_unary(table, "silu", {each_add(1), each_multiply(1), kExp, kReciprocal}, From::kInput,
               {each_add(3), each_multiply(3), kExp, kReciprocal});
  append_unary(table, "hard_sigmoid", {each_add(1), each_multiply(1), each_compare(2)}, From::kSign,
               {each_multiply(1), each_compare(1)});
  append_unary(table, "hard_swish", {each_add(1), each_multiply(2), each_compare(2)}, From::kInput,
               {each_add(1), each_multiply(2), each_compare(2)});
  append_unary(table, "clip", {each_compare(2)}, From::kSign, {each_compare(1)});
  append_unary(table, "leaky_relu", {each_multiply(1), each_compare(1)}, From::kSign,
               {each_multiply(1), each_compare(1)});
  append_unary(table, "elu", {each_add(1), each_multiply(1), each_compare(1), kExp}, From::kOutput,
               {each_add(1), each_multiply(1), each_compare(1)});
  append_unary(table, "abs", {each_compare(1)}, From::kSign, {each_compare(1)});
  append_unary(table, "exp", {kExp}, From::kOutput, {each_multiply(1)});
  append_unary(table, "sqrt", {each_multiply(1), kRsqrt}, From::kOutput, {each_multiply(2), kReciprocal});
  append_unary(table, "square", {each_multiply(1)}, From::kInput, {each_multiply(2)});
  append_unary(table, "reciprocal", {kReciprocal}, From::kOutput, {each_multiply(2)});
  append_unary(table, "scale", {each_multiply(1)}, From::kNothing, {each_multiply(1)});
  append_unary(table, "shift", {each_add(1)}, From::kNothing, {});
  append_unary(table, "scale_shift", {each_add(1), each_multiply(1)}, From::kNothing, {each_multiply(1)});
}

void append_binary(std::vector<SweepCost>& table, std::string_view name, std::vector<OpCost> forward,
                   std::vector<StreamCost> also_written = {}) {
  std::vector<StreamCost> writes = {act("y")};
  writes.insert(writes.end(), also_written.begin(), also_written.end());
  table.push_back(
      {name, kForward, "forward", {{1, kEach}}, {act("x0"), act("x1", kSecond)}, writes, std::move(forward)});
}

void append_backward(std::vector<SweepCost>& table, std::string_view name, std::string_view sweep,
                     std::vector<StreamCost> reads, std::vector<StreamCost> writes, std::vector<OpCost> ops) {
  table.push_back({name, kInputGrad, sweep, {{1, kEach}}, std::move(reads), std::move(writes), std::move(ops)});
}

/// The gradient of a broadcast input is the sum over its copies; those of sums are dy itself.
void append_binary_functions(std::vector<SweepCost>& table) {
  const StreamCost dy = grad("dy");
  const StreamCost first = grad("dx0");
  const StreamCost second = grad("dx1", kSecond);
  const StreamCost x0 = act("x0");
  const StreamCost x1 = act("x1", kSecond);
  append_binary(table, "binary_add", {each_add(1)});
  append_binary(table, "binary_subtract", {each_add(1)});
  for (const std::string_view sweep : {kBothGradients, kSecondGradient}) {
    append_backward(table, "binary_add", sweep, {dy}, {second}, {kBroadcastSum});
    append_backward(table, "binary_subtract", sweep, {dy}, {second},
                    {kBroadcastSum, {VectorOp::kMultiply, {{1, kSecond}}}});
  }
  append_binary(table, "binary_multiply", {each_multiply(1)});
  append_backward(table, "binary_multiply", kBothGradients, {x0, x1, dy}, {first, second},
                  {each_multiply(2), kBroadcastSum});
  append_backward(table, "binary_multiply", kFirstGradient, {x1, dy}, {first}, {each_multiply(1)});
  append_backward(table, "binary_multiply", kSecondGradient, {x0, dy}, {second}, {each_multiply(1), kBroadcastSum});
  // y = x0 r with r = 1 / x1: dx0 = dy r; dx1 = - r sum(dy y).
  const OpCost reciprocal = {VectorOp::kReciprocal, {{1, kSecond}}};
  append_binary(table, "binary_divide", {each_multiply(1), reciprocal});
  append_backward(table, "binary_divide", kBothGradients, {x1, act("y"), dy}, {first, second},
                  {{VectorOp::kMultiply, {{2, kEach}, {1, kSecond}}}, reciprocal, kBroadcastSum});
  append_backward(table, "binary_divide", kFirstGradient, {x1, dy}, {first}, {each_multiply(1), reciprocal});
  append_backward(table, "binary_divide", kSecondGradient, {x1, act("y"), dy}, {second},
                  {{VectorOp::kMultiply, {{1, kEach}, {1, kSecond}}}, reciprocal, kBroadcastSum});
  for (const std::string_view name : {std::string_view("binary_maximum"), std::string_view("binary_minimum")}) {
    append_binary(table, name, {each_compare(1)}, {kMask});
    append_backward(table, name, kBothGradients, {dy, kMask}, {first, second}, {each_compare(1), kBroadcastSum});
    append_backward(table, name, kFirstGradient, {dy, kMask}, {first}, {each_compare(1)});
    append_backward(table, name, kSecondGradient, {dy, kMask}, {second}, {each_compare(1), kBroadcastSum});
  }
}

/// y = scale x + shift: d scale = sum dy x, d shift = sum dy, dx = dy scale.
void append_affine(std::vector<SweepCost>& table) {
  const auto forward = [&](std::string_view name, int trained, std::vector<OpCost> ops) {
    table.push_back({name,
                     kForward,
                     "forward",
                     {{1, kEach}},
                     {act("x"), parameters("scale_shift", trained)},
                     {act("y")},
                     std::move(ops)});
  };
  forward("affine", 2, {each_add(1), each_multiply(1)});
  forward("affine_scale", 1, {each_multiply(1)});
  forward("affine_shift", 1, {each_add(1)});
  const auto backward = [&](std::string_view name, PassKind pass, std::vector<StreamCost> reads,
                            std::vector<StreamCost> writes, std::vector<OpCost> ops) {
    table.push_back({name, pass, "backward", {{1, kEach}}, std::move(reads), std::move(writes), std::move(ops)});
  };
  const StreamCost gradient1 = parameters("scale_shift_gradient", 1);
  const StreamCost gradient2 = parameters("scale_shift_gradient", 2);
  const StreamCost scale = parameters("scale", 1);
  const std::vector<StreamCost> x_dy = {act("x"), grad("dy")};
  backward("affine", kInputGrad, {act("x"), grad("dy"), scale}, {grad("dx"), gradient2},
           {each_add(2), each_multiply(2)});
  backward("affine", kWeightGrad, x_dy, {gradient2}, {each_add(2), each_multiply(1)});
  backward("affine_scale", kInputGrad, {act("x"), grad("dy"), scale}, {grad("dx"), gradient1},
           {each_add(1), each_multiply(2)});
  backward("affine_scale", kWeightGrad, x_dy, {gradient1}, {each_add(1), each_multiply(1)});
  backward("affine_shift", kInputGrad, {grad("dy")}, {gradient1}, {each_add(1)});
  backward("affine_shift", kWeightGrad, {grad("dy")}, {gradient1}, {each_add(1)});
}

/// move: of an input larger than the output only what the output takes is read; the rest of its gradient is zero. Of an
/// element that the output takes several times the gradients are added. reduce: max keeps the winner's index.
void append_move_and_reduce(std::vector<SweepCost>& table) {
  const StreamCost taken = {"x", Role::kActivation, {1, Per::kCovered}, {1, kEach}};
  const std::vector<Term> larger = {{1, kEach}, {1, kOut}, {-1, Per::kCovered}};
  const OpCost repeats = {VectorOp::kAdd, {{1, kOut}, {-1, Per::kCovered}}};
  table.push_back({"move", kForward, "forward", {{1, kOut}}, {taken}, {act("y", kOut)}, {}});
  table.push_back({"move", kInputGrad, "backward", larger, {grad("dy", kOut)}, {grad("dx")}, {repeats}});

  const OpCost sum = {VectorOp::kAdd, {{1, kEach}, {-1, kOut}}};
  const OpCost scaled = {VectorOp::kMultiply, {{1, kOut}}};
  const StreamCost index = {"index", Role::kIndex, {1, kOut}, {}};
  table.push_back({"reduce_sum", kForward, "forward", {{1, kEach}}, {act("x")}, {act("y", kOut)}, {sum}});
  table.push_back({"reduce_mean", kForward, "forward", {{1, kEach}}, {act("x")}, {act("y", kOut)}, {sum, scaled}});
  table.push_back({"reduce_max",
                   kForward,
                   "forward",
                   {{1, kEach}},
                   {act("x")},
                   {act("y", kOut), index},
                   {{VectorOp::kCompare, {{1, kEach}, {-1, kOut}}}}});
  table.push_back({"reduce_sum", kInputGrad, "backward", {{1, kEach}}, {grad("dy", kOut)}, {grad("dx")}, {}});
  table.push_back({"reduce_mean", kInputGrad, "backward", {{1, kEach}}, {grad("dy", kOut)}, {grad("dx")}, {scaled}});
  table.push_back({"reduce_max", kInputGrad, "backward", {{1, kEach}}, {grad("dy", kOut), index}, {grad("dx")}, {}});
}

}  // namespace

void append_functions(std::vector<SweepCost>& table) {
  append_unary_functions(table);
  append_binary_functions(table);
  append_affine(table);
  append_move_and_reduce(table);
}

}  // namespace lnsim
