// SPDX-License-Identifier: Apache-2.0
// Convolutions, linear layers and matmuls: the lowered passes that the machine simulates, on real data.
#include <optional>

#include "sim/training/operation.hpp"
#include "sim/workload/gemm_lowering.hpp"

namespace lnsim::training {
namespace {

/// The lowered pass, told which tensor is which by the lowering's names.
class Pass {
 public:
  explicit Pass(LayerPass pass) : pass_(std::move(pass)) {}

  /// `first` is called `name` in the lowering, `second` is the other operand.
  void run(const std::string& name, const Values& first, const Values& second, std::span<double> out,
           Arithmetic& arithmetic) const {
    const bool is_a = pass_.tensors[pass_.gemms.front().a.tensor].name == name;
    arithmetic.gemm(pass_, is_a ? first : second, is_a ? second : first, out);
  }

 private:
  LayerPass pass_;
};

/// A layer with weights: y = w x + bias.
class WeightedOperation : public Operation {
 public:
  WeightedOperation(Pass forward, Pass input_grad, Pass weight_grad, const Model& model, const ModelNode& node)
      : forward_(std::move(forward)),
        input_grad_(std::move(input_grad)),
        weight_grad_(std::move(weight_grad)),
        weight_(node.parameters.front()) {
    if (node.parameters.size() > 1) {
      bias_ = node.parameters[1];
      channels_ = model.parameters[*bias_].elements;
    }
  }

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    forward_.run("weight", context.parameters[weight_], *inputs[0], output.real, context.arithmetic);
    if (!bias_) return;
    const std::vector<double>& bias = context.parameters[*bias_].real;
    for (std::size_t i = 0; i < output.real.size(); i += channels_) {
      for (std::size_t c = 0; c < channels_; ++c) output.real[i + c] += bias[c];
    }
  }

  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] != nullptr) {
      input_grad_.run("weight", context.parameters[weight_], gradient, gradients[0]->real, context.arithmetic);
    }
    weight_grad_.run("x", *inputs[0], gradient, context.parameter_gradients[weight_], context.arithmetic);
    if (!bias_) return;
    std::vector<double>& sums = context.parameter_gradients[*bias_];
    for (std::size_t i = 0; i < gradient.real.size(); i += channels_) {
      for (std::size_t c = 0; c < channels_; ++c) sums[c] += gradient.real[i + c];
    }
  }

 private:
  Pass forward_, input_grad_, weight_grad_;
  std::size_t weight_;
  std::optional<std::size_t> bias_;
  std::size_t channels_ = 1;
};

/// A product of two activations.
class MatmulOperation : public Operation {
 public:
  MatmulOperation(const Matmul& op, std::uint64_t batch)
      : forward_(matmul_forward(op, batch)),
        grad_a_(matmul_input_grad_a(op, batch)),
        grad_b_(matmul_input_grad_b(op, batch)) {}

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    forward_.run("a", *inputs[0], *inputs[1], output.real, context.arithmetic);
  }

  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] != nullptr) {
      grad_a_.run("dy", gradient, *inputs[1], gradients[0]->real, context.arithmetic);
    }
    if (gradients[1] != nullptr) {
      grad_b_.run("dy", gradient, *inputs[0], gradients[1]->real, context.arithmetic);
    }
  }

 private:
  Pass forward_, grad_a_, grad_b_;
};

}  // namespace

std::unique_ptr<Operation> make_gemm_operation(const Model& model, const ModelNode& node) {
  const std::uint64_t batch = model.batch;
  if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
    return std::make_unique<WeightedOperation>(Pass(conv_forward(*conv, batch)), Pass(conv_input_grad(*conv, batch)),
                                               Pass(conv_weight_grad(*conv, batch)), model, node);
  }
  if (const auto* linear = std::get_if<Linear>(&node.op)) {
    return std::make_unique<WeightedOperation>(Pass(linear_forward(*linear, batch)),
                                               Pass(linear_input_grad(*linear, batch)),
                                               Pass(linear_weight_grad(*linear, batch)), model, node);
  }
  return std::make_unique<MatmulOperation>(std::get<Matmul>(node.op), batch);
}

}  // namespace lnsim::training
