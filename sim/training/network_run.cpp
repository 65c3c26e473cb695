// SPDX-License-Identifier: Apache-2.0
#include "sim/training/network_run.hpp"

#include <algorithm>
#include <utility>

namespace lnsim::training {

NetworkRun::NetworkRun(const Model& model, Arithmetic& arithmetic, Workers& workers, std::vector<Values>& parameters)
    : model_(model),
      arithmetic_(arithmetic),
      workers_(workers),
      parameters_(parameters),
      tensors_(model.tensors.size()),
      gradients_(model.tensors.size()),
      parameter_gradients_(model.parameters.size()) {
  for (const ModelNode& node : model.nodes) operations_.push_back(make_operation(model, node));
  for (std::size_t i = 0; i < tensors_.size(); ++i) tensors_[i].real.resize(model.tensors[i].elements);
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    parameter_gradients_[i].resize(model.parameters[i].elements);
  }
}

OperationContext NetworkRun::context(bool training) {
  return {arithmetic_, workers_, training, parameters_, parameter_gradients_};
}

const Values& NetworkRun::forward(std::span<const double> samples, bool training) {
  std::copy(samples.begin(), samples.end(), tensors_[0].real.begin());
  arithmetic_.round(Role::kActivation, model_.tensors[0].slot, tensors_[0], training);
  OperationContext with = context(training);
  for (std::size_t n = 0; n < operations_.size(); ++n) {
    const ModelNode& node = model_.nodes[n];
    std::vector<const Values*> inputs;
    for (const std::size_t tensor : node.inputs) inputs.push_back(&tensors_[tensor]);
    Values& output = tensors_[node.output];
    operations_[n]->forward(inputs, output, with);
    arithmetic_.round(Role::kActivation, model_.tensors[node.output].slot, output, training);
  }
  return tensors_[model_.output()];
}

void NetworkRun::gather(std::size_t tensor, Values&& gradient) {
  Gathered& gathered = gradients_[tensor];
  if (gathered.parts++ == 0) {
    gathered.values = std::move(gradient);
    return;
  }
  for (std::size_t i = 0; i < gradient.real.size(); ++i) gathered.values.real[i] += gradient.real[i];
}

void NetworkRun::backward_node(std::size_t n) {
  const ModelNode& node = model_.nodes[n];
  Gathered& own = gradients_[node.output];
  if (own.parts == 0) return;  // nothing behind it leads to the loss
  if (own.parts > 1) {
    arithmetic_.round(Role::kGradient, model_.tensors[node.output].gradient_slot, own.values, true);
  }
  std::vector<const Values*> inputs;
  std::vector<Values> input_gradients(node.inputs.size());
  std::vector<Values*> wanted;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(&tensors_[node.inputs[i]]);
    if (node.wants_gradient[i]) input_gradients[i].real.assign(inputs.back()->real.size(), 0.0);
    wanted.push_back(node.wants_gradient[i] ? &input_gradients[i] : nullptr);
  }
  for (const std::size_t parameter : node.parameters) {
    std::fill(parameter_gradients_[parameter].begin(), parameter_gradients_[parameter].end(), 0.0);
  }
  OperationContext with = context(true);
  operations_[n]->backward(inputs, tensors_[node.output], own.values, wanted, with);
  own = {};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (wanted[i] == nullptr) continue;
    arithmetic_.round(Role::kGradient, node.gradient_slots[i], input_gradients[i], true);
    gather(node.inputs[i], std::move(input_gradients[i]));
  }
  for (const std::size_t i : node.parameters) {
    const ModelParameter& parameter = model_.parameters[i];
    if (!parameter.trained()) continue;
    Values gradient;
    gradient.real.swap(parameter_gradients_[i]);
    const Role role = parameter.kind == ParameterKind::kWeight ? Role::kWeightGradient : Role::kParameter;
    arithmetic_.round(role, parameter.gradient_slot, gradient, true);
    parameter_gradients_[i].swap(gradient.real);
  }
}

void NetworkRun::backward(std::span<const double> output_gradient) {
  Values gradient;
  gradient.real.assign(output_gradient.begin(), output_gradient.end());
  arithmetic_.round(Role::kGradient, model_.tensors[model_.output()].gradient_slot, gradient, true);
  gather(model_.output(), std::move(gradient));
  for (std::size_t n = operations_.size(); n-- > 0;) backward_node(n);
}

}  // namespace lnsim::training
