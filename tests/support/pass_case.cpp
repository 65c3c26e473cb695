// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pass_case.hpp"

#include <optional>

#include "sim/support/error.hpp"
#include "sim/workload/gemm_lowering.hpp"
#include "sim/workload/layer_sizes.hpp"
#include "sim/workload/vector_lowering.hpp"
#include "tests/support/plans.hpp"

namespace lnsim::test {
namespace {

[[noreturn]] void no_such_pass(const PassCase& made) {
  throw InputError("case", "/pass", made.pass, "a pass of a " + std::string(type_name(made.layer)) + " layer");
}

PassKind kind_of(const PassCase& made) {
  for (const PassKind kind : {PassKind::kForward, PassKind::kInputGrad, PassKind::kInputGradA, PassKind::kInputGradB,
                              PassKind::kWeightGrad, PassKind::kGradientAccumulate, PassKind::kUpdate}) {
    if (pass_name(kind) == made.pass) return kind;
  }
  no_such_pass(made);
}

LayerPass forward_with_statistics(LayerPass pass, bool statistics, std::uint64_t channels) {
  if (statistics) pass.statistics_channels = channels;
  return pass;
}

LayerPass pass_of(const Conv2d& conv, PassKind kind, const PassCase& made) {
  switch (kind) {
    case PassKind::kForward:
      return forward_with_statistics(conv_forward(conv, made.batch), made.statistics, conv.out_channels);
    case PassKind::kInputGrad: return conv_input_grad(conv, made.batch);
    case PassKind::kWeightGrad: return conv_weight_grad(conv, made.batch);
    default: no_such_pass(made);
  }
}

LayerPass pass_of(const Linear& linear, PassKind kind, const PassCase& made) {
  switch (kind) {
    case PassKind::kForward:
      return forward_with_statistics(linear_forward(linear, made.batch), made.statistics, linear.out_features);
    case PassKind::kInputGrad: return linear_input_grad(linear, made.batch);
    case PassKind::kWeightGrad: return linear_weight_grad(linear, made.batch);
    default: no_such_pass(made);
  }
}

LayerPass pass_of(const Matmul& matmul, PassKind kind, const PassCase& made) {
  switch (kind) {
    case PassKind::kForward: return matmul_forward(matmul, made.batch);
    case PassKind::kInputGradA: return matmul_input_grad_a(matmul, made.batch);
    case PassKind::kInputGradB: return matmul_input_grad_b(matmul, made.batch);
    default: no_such_pass(made);
  }
}

LayerPass pass_of(const ConvTranspose2d& conv, PassKind kind, const PassCase& made) {
  switch (kind) {
    case PassKind::kForward: return conv_transpose_forward(conv, made.batch);
    case PassKind::kInputGrad: return conv_transpose_input_grad(conv, made.batch);
    case PassKind::kWeightGrad: return conv_transpose_weight_grad(conv, made.batch);
    default: no_such_pass(made);
  }
}

template <class Op>
LayerPass pass_of(const Op& op, PassKind kind, const PassCase& made) {
  VectorContext context;
  context.statistics_fused = made.statistics;
  std::optional<LayerPass> pass = vector_pass(op, kind, made.batch, context);
  if (!pass) no_such_pass(made);
  return *std::move(pass);
}

/// Updates as the lowering of a network makes them (sim/workload/lower.cpp).
LayerPass update_pass(const PassCase& made, PassKind kind) {
  const LayerSizes sizes = sizes_of(made.layer);
  if (sizes.weights == 0 && sizes.parameters == 0) no_such_pass(made);
  LayerPass pass;
  pass.type = std::string(type_name(made.layer));
  pass.kind = kind;
  pass.update_elements = sizes.weights;
  pass.parameter_elements = sizes.parameters;
  return pass;
}

LayerPass layer_pass(const PassCase& made) {
  const LayerSizes sizes = sizes_of(made.layer);
  if (made.pass == "gradient_add") return gradient_add_pass(sizes.output * made.batch, made.gradients);
  if (made.pass == "bias_grad") {
    const auto* conv = std::get_if<Conv2d>(&made.layer);
    const auto* linear = std::get_if<Linear>(&made.layer);
    if (conv == nullptr && linear == nullptr) no_such_pass(made);
    const std::uint64_t channels = conv != nullptr ? conv->out_channels : linear->out_features;
    return bias_gradient_pass(sizes.output / channels * made.batch, channels);
  }
  const PassKind kind = kind_of(made);
  if (kind == PassKind::kUpdate || kind == PassKind::kGradientAccumulate) return update_pass(made, kind);
  return std::visit([&](const auto& op) { return pass_of(op, kind, made); }, made.layer);
}

}  // namespace

PassPlan plan_of(const PassCase& made) {
  PlanContext context;
  context.accelerator = made.accelerator;
  context.scheme = shipped_scheme(made.scheme);
  if (made.two_pass) context.scheme.scale = ScaleHandling::kTwoPass;
  context.family = made.family;
  context.clock_hz = made.clock_hz;
  context.micro_batches = made.micro_batches;
  context.rules.push_back({"*", std::nullopt, made.pin});
  LayerPass pass = layer_pass(made);
  pass.layer = "case";
  return plan_pass(pass, context);
}

}  // namespace lnsim::test
