// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/vector_costs.hpp"

#include "sim/workload/elementwise_costs.hpp"

#include <array>
#include <cstdlib>

namespace lnsim {
namespace {

constexpr Per kN = Per::kElement;
constexpr auto kAct = Role::kActivation;
constexpr auto kGrad = Role::kGradient;
constexpr auto kParam = Role::kParameter;
constexpr auto kFwd = PassKind::kForward;
constexpr auto kIgrad = PassKind::kInputGrad;
constexpr auto kWgrad = PassKind::kWeightGrad;

StreamCost per_element(std::string_view tensor, Role role) { return {tensor, role, {1, kN}, {}}; }
StreamCost per(std::string_view tensor, Role role, int count, Per what) { return {tensor, role, {count, what}, {}}; }

OpCost add(int count, Per what = kN) { return {VectorOp::kAdd, {{count, what}}}; }
OpCost multiply(int count, Per what = kN) { return {VectorOp::kMultiply, {{count, what}}}; }
OpCost compare(int count, Per what = kN) { return {VectorOp::kCompare, {{count, what}}}; }
OpCost difference(VectorOp op, Per more, Per less) { return {op, {{1, more}, {-1, less}}}; }

/// batch_norm. Statistics: sum and square sum. Normalise: per channel mean, variance and reciprocal deviation, running
/// statistics, and y = scale' x + shift'. Backward: d shift = sum dy and d scale = sum dy x (then centred and scaled
/// per channel); dx = a dy + b x + c with a, b, c per channel.
void append_batch_norm(std::vector<SweepCost>& table) {
  const auto stats = per("statistics", kParam, 2, Per::kChannel);
  const auto scale = per("scale_shift", kParam, 2, Per::kChannel);
  table.push_back({"batch_norm",
                   kFwd,
                   "statistics",
                   {{1, kN}},
                   {per_element("x", kAct)},
                   {per("sums", kParam, 2, Per::kChannel)},
                   {add(2), multiply(1)}});
  table.push_back({"batch_norm",
                   kFwd,
                   "normalise",
                   {{1, kN}},
                   {per_element("x", kAct), per("sums", kParam, 2, Per::kChannel), scale,
                    per("running_statistics", kParam, 2, Per::kChannel)},
                   {per_element("y", kAct), stats, per("running_statistics", kParam, 2, Per::kChannel)},
                   {{VectorOp::kAdd, {{1, kN}, {5, Per::kChannel}}},
                    {VectorOp::kMultiply, {{1, kN}, {9, Per::kChannel}}},
                    {VectorOp::kRsqrt, {{1, Per::kChannel}}}}});
  const std::vector<OpCost> sums = {{VectorOp::kAdd, {{2, kN}, {1, Per::kChannel}}},
                                    {VectorOp::kMultiply, {{1, kN}, {2, Per::kChannel}}}};
  const std::vector<StreamCost> read = {per_element("x", kAct), per_element("dy", kGrad), stats};
  const auto gradient = per("scale_shift_gradient", kParam, 2, Per::kChannel);
  table.push_back({"batch_norm", kIgrad, "parameter_gradient", {{1, kN}}, read, {gradient}, sums});
  table.push_back(
      {"batch_norm",
       kIgrad,
       "input_gradient",
       {{1, kN}},
       {per_element("x", kAct), per_element("dy", kGrad), stats, scale, gradient},
       {per_element("dx", kGrad)},
       {{VectorOp::kAdd, {{2, kN}, {1, Per::kChannel}}}, {VectorOp::kMultiply, {{2, kN}, {6, Per::kChannel}}}}});
  table.push_back({"batch_norm", kWgrad, "parameter_gradient", {{1, kN}}, read, {gradient}, sums});
}

/// layer_norm. First walk: sum and square sum of the row; second: x^ = a x + b, y = scale x^ + shift. Backward, first
/// walk: x^, g = dy scale, sum g, sum g x^, and the columns' sums of dy x^ and dy; second: x^ and g again,
/// dx = (g - mean g - x^ mean(g x^)) a.
void append_layer_norm(std::vector<SweepCost>& table) {
  const auto stats = per("statistics", kParam, 2, Per::kRow);
  const auto gradient = per("scale_shift_gradient", kParam, 2, Per::kChannel);
  table.push_back({"layer_norm",
                   kFwd,
                   "forward",
                   {{1, kN}},
                   {per_element("x", kAct), per("scale_shift", kParam, 2, Per::kChannel)},
                   {per_element("y", kAct), stats},
                   {{VectorOp::kAdd, {{4, kN}, {2, Per::kRow}}},
                    {VectorOp::kMultiply, {{3, kN}, {4, Per::kRow}}},
                    {VectorOp::kRsqrt, {{1, Per::kRow}}}},
                   2,
                   true});
  table.push_back({"layer_norm",
                   kIgrad,
                   "backward",
                   {{1, kN}},
                   {per_element("x", kAct), per_element("dy", kGrad), stats, per("scale", kParam, 1, Per::kChannel)},
                   {per_element("dx", kGrad), gradient},
                   {{VectorOp::kAdd, {{8, kN}}}, {VectorOp::kMultiply, {{8, kN}, {3, Per::kRow}}}},
                   2,
                   true});
  table.push_back({"layer_norm",
                   kWgrad,
                   "parameter_gradient",
                   {{1, kN}},
                   {per_element("x", kAct), per_element("dy", kGrad), stats},
                   {gradient},
                   {add(3), {VectorOp::kMultiply, {{2, kN}, {1, Per::kRow}}}}});
}

/// softmax. First walk, online (Milakov and Gimelshein 2018, arXiv 1805.02867): compare with the maximum, one
/// exponential of the difference, rescale or add to the sum; second: y = exp(x - max) / sum. Backward: sum of y dy;
/// dx = y (dy - sum).
void append_softmax(std::vector<SweepCost>& table) {
  table.push_back(
      {"softmax",
       kFwd,
       "forward",
       {{1, kN}},
       {per_element("x", kAct)},
       {per_element("y", kAct)},
       {add(3), multiply(2), compare(1), {VectorOp::kExp, {{2, kN}}}, {VectorOp::kReciprocal, {{1, Per::kRow}}}},
       2,
       true});
  table.push_back({"softmax",
                   kIgrad,
                   "backward",
                   {{1, kN}},
                   {per_element("y", kAct), per_element("dy", kGrad)},
                   {per_element("dx", kGrad)},
                   {add(2), multiply(2)},
                   2,
                   true});
}

/// relu: one compare makes value and mask bit; backward selects by the mask. gelu, tanh form:
/// y = x/2 (1 + tanh(x (c1 + c2 x^2))), whose derivative needs tanh again. add: its gradient is dy itself.
void append_elementwise(std::vector<SweepCost>& table) {
  table.push_back({"relu",
                   kFwd,
                   "forward",
                   {{1, kN}},
                   {per_element("x", kAct)},
                   {per_element("y", kAct), per_element("mask", Role::kMask)},
                   {compare(1)}});
  table.push_back({"relu",
                   kIgrad,
                   "backward",
                   {{1, kN}},
                   {per_element("dy", kGrad), per_element("mask", Role::kMask)},
                   {per_element("dx", kGrad)},
                   {compare(1)}});
  table.push_back({"gelu",
                   kFwd,
                   "forward",
                   {{1, kN}},
                   {per_element("x", kAct)},
                   {per_element("y", kAct)},
                   {add(2), multiply(5), {VectorOp::kTanh, {{1, kN}}}}});
  table.push_back({"gelu",
                   kIgrad,
                   "backward",
                   {{1, kN}},
                   {per_element("x", kAct), per_element("dy", kGrad)},
                   {per_element("dx", kGrad)},
                   {add(5), multiply(10), {VectorOp::kTanh, {{1, kN}}}}});
  table.push_back({"add",
                   kFwd,
                   "forward",
                   {{1, kN}},
                   {per_element("x0", kAct), per_element("x1", kAct)},
                   {per_element("y", kAct)},
                   {add(1)}});
}

/// Pooling visits every window position inside the input. max_pool keeps the winner's index and scatters dy to it over
/// zeros; avg_pool spreads dy / window over the window and adds where windows overlap.
void append_pooling(std::vector<SweepCost>& table) {
  const auto y = per("y", kAct, 1, Per::kOutput);
  const auto dy = per("dy", kGrad, 1, Per::kOutput);
  const auto index = per("index", Role::kIndex, 1, Per::kOutput);
  table.push_back({"max_pool",
                   kFwd,
                   "forward",
                   {{1, Per::kTap}},
                   {per_element("x", kAct)},
                   {y, index},
                   {difference(VectorOp::kCompare, Per::kTap, Per::kOutput)}});
  table.push_back({"max_pool",
                   kIgrad,
                   "backward",
                   {{1, kN}, {1, Per::kOutput}},
                   {dy, index},
                   {per_element("dx", kGrad)},
                   {add(1, Per::kOutput)}});
  table.push_back({"avg_pool",
                   kFwd,
                   "forward",
                   {{1, Per::kTap}},
                   {per_element("x", kAct)},
                   {y},
                   {difference(VectorOp::kAdd, Per::kTap, Per::kOutput), multiply(1, Per::kOutput)}});
  table.push_back({"avg_pool",
                   kIgrad,
                   "backward",
                   {{1, Per::kTap}},
                   {dy},
                   {per_element("dx", kGrad)},
                   {difference(VectorOp::kAdd, Per::kTap, Per::kCovered), multiply(1, Per::kOutput)}});
}

/// embedding: gather of table rows; backward zeroes the table's gradient (unless a tied layer has written it) and adds
/// a row per id. bias_grad: sum of dy per channel. gradient_add: sum of the gradients of a tensor with several
/// consumers.
void append_others(std::vector<SweepCost>& table) {
  const auto ids = per("ids", Role::kIndex, 1, Per::kRow);
  const StreamCost rows = {"weight_gradient", Role::kWeightGradient, {1, kN}, {1, Per::kTable}};
  table.push_back({"embedding",
                   kFwd,
                   "gather",
                   {{1, kN}},
                   {{"weight", Role::kWeight, {1, kN}, {1, Per::kTable}}, ids},
                   {per_element("y", kAct)},
                   {}});
  table.push_back({"embedding",
                   kWgrad,
                   "zero",
                   {{1, Per::kTable}},
                   {},
                   {per("weight_gradient", Role::kWeightGradient, 1, Per::kTable)},
                   {}});
  table.push_back(
      {"embedding", kWgrad, "scatter_add", {{1, kN}}, {per_element("dy", kGrad), ids, rows}, {rows}, {add(1)}});
  table.push_back({"bias_grad",
                   kWgrad,
                   "backward",
                   {{1, kN}},
                   {per_element("dy", kGrad)},
                   {per("bias_gradient", kParam, 1, Per::kChannel)},
                   {add(1)}});
  table.push_back({"gradient_add",
                   kIgrad,
                   "backward",
                   {{1, Per::kPartial}},
                   {per("gradients", kGrad, 1, Per::kPartial)},
                   {per_element("sum", kGrad)},
                   {difference(VectorOp::kAdd, Per::kPartial, kN)}});
}

std::string term_text(const Term& term) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Per::kCount)> kNames = {
      "element", "output",          "tap",           "covered element", "row",
      "channel", "partial element", "table element", "second element"};
  return std::to_string(std::abs(term.count)) + " per " + std::string(kNames.at(static_cast<std::size_t>(term.per)));
}

std::string terms_text(const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) {
    if (!text.empty()) text += term.count < 0 ? " - " : " + ";
    text += term_text(term);
  }
  return text;
}

std::string streams_text(const std::vector<StreamCost>& streams) {
  std::string text;
  for (const StreamCost& stream : streams) {
    if (!text.empty()) text += "; ";
    text += std::string(stream.tensor) + ": " + term_text(stream.moved);
  }
  return text.empty() ? "none" : text;
}

std::string ops_text(const std::vector<OpCost>& ops) {
  std::string text;
  for (const OpCost& op : ops) {
    if (!text.empty()) text += "; ";
    text += std::string(vector_op_name(op.op)) + ": " + terms_text(op.terms);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

const std::vector<SweepCost>& vector_cost_table() {
  static const std::vector<SweepCost> table = [] {
    std::vector<SweepCost> rows;
    append_batch_norm(rows);
    append_layer_norm(rows);
    append_softmax(rows);
    append_elementwise(rows);
    append_pooling(rows);
    append_others(rows);
    append_functions(rows);
    return rows;
  }();
  return table;
}

std::vector<VectorCostRow> vector_op_costs() {
  std::vector<VectorCostRow> rows;
  for (const SweepCost& cost : vector_cost_table()) {
    rows.push_back({std::string(cost.type), std::string(pass_name(cost.pass)), std::string(cost.sweep),
                    terms_text(cost.elements), streams_text(cost.reads), streams_text(cost.writes), ops_text(cost.ops),
                    std::to_string(cost.walks)});
  }
  return rows;
}

}  // namespace lnsim
