// SPDX-License-Identifier: Apache-2.0
#include "sim/training/model.hpp"

#include <limits>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/training/operation.hpp"
#include "sim/workload/graph.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// The parameters of a layer; names, slots and places are left to the caller.
struct ParametersOf {
  using List = std::vector<ModelParameter>;

  static ModelParameter make(ParameterKind kind, std::uint64_t elements, std::uint64_t fan_in = 1) {
    ModelParameter parameter;
    parameter.kind = kind;
    parameter.elements = elements;
    parameter.fan_in = fan_in;
    return parameter;
  }
  List operator()(const Conv2d& conv) const {
    const Window window = window_of(conv);
    const std::uint64_t fan_in = window.h.kernel * window.w.kernel * (conv.in_channels / conv.groups);
    List list{make(ParameterKind::kWeight, fan_in * conv.out_channels, fan_in)};
    if (conv.bias) list.push_back(make(ParameterKind::kBias, conv.out_channels));
    return list;
  }
  List operator()(const Linear& linear) const {
    List list{make(ParameterKind::kWeight, linear.in_features * linear.out_features, linear.in_features)};
    if (linear.bias) list.push_back(make(ParameterKind::kBias, linear.out_features));
    return list;
  }
  List operator()(const BatchNorm& norm) const {
    return {make(ParameterKind::kScale, norm.channels), make(ParameterKind::kShift, norm.channels),
            make(ParameterKind::kRunningMean, norm.channels), make(ParameterKind::kRunningVariance, norm.channels)};
  }
  List operator()(const LayerNorm& norm) const {
    return {make(ParameterKind::kScale, norm.width), make(ParameterKind::kShift, norm.width)};
  }
  template <class Op>
  List operator()(const Op& /*op*/) const {
    return {};
  }
};

std::string kind_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kWeight: return "weight";
    case ParameterKind::kBias: return "bias";
    case ParameterKind::kScale: return "scale";
    case ParameterKind::kShift: return "shift";
    case ParameterKind::kRunningMean: return "running_mean";
    case ParameterKind::kRunningVariance: break;
  }
  return "running_variance";
}

class ModelBuilder {
 public:
  ModelBuilder(const Network& network, std::uint64_t batch)
      : network_(network), graph_(build_graph(network)), here_(graph_.tensors.size(), kNone) {
    model_.batch = batch;
  }

  Model build() {
    here_[0] = add_tensor("input", graph_.tensors[0].elements);
    for (std::size_t i = 0; i < graph_.entries.size(); ++i) add_entry(graph_.entries[i], network_.entries[i]);
    if (model_.nodes.empty()) throw InputError(network_.file, "/layers", "no layer", "a network to train");
    return std::move(model_);
  }

 private:
  std::size_t add_slot(std::string name) {
    model_.slots.push_back(std::move(name));
    return model_.slots.size() - 1;
  }

  std::size_t add_tensor(const std::string& name, std::uint64_t elements) {
    ModelTensor tensor;
    tensor.name = name;
    tensor.elements = checked_mul(elements, model_.batch);
    tensor.slot = add_slot(name);
    tensor.gradient_slot = add_slot("gradient of " + name);
    model_.tensors.push_back(std::move(tensor));
    return model_.tensors.size() - 1;
  }

  void add_entry(const GraphEntry& placed, const Entry& entry) {
    for (std::uint64_t execution = 0; execution < entry.repeat; ++execution) {
      const std::string suffix = entry.repeat > 1 ? "#" + std::to_string(execution) : "";
      if (placed.inner_input) {
        here_[*placed.inner_input] = here_[execution == 0 ? placed.outer_input : placed.output];
      }
      for (std::size_t n = placed.first; n < placed.last; ++n) {
        // A repeated layer reads its own output the next time.
        const bool chained = execution > 0 && !entry.block;
        add_node(graph_.nodes[n], suffix, chained ? here_[placed.output] : kNone);
      }
    }
  }

  void add_node(const GraphNode& node, const std::string& suffix, std::size_t chained) {
    const LayerOp& op = node.layer->op;
    const auto* const linear = std::get_if<Linear>(&op);
    if (linear != nullptr && !linear->tied_to.empty()) {
      throw InputError(network_.file, node.pointer, "a linear layer tied to an embedding",
                       "a layer with a weight of its own");
    }
    if (!has_operation(op)) {
      throw InputError(network_.file, node.pointer, std::string(type_name(op)),
                       "a layer that can be trained on numbers (docs/training.md lists them)");
    }
    ModelNode added;
    added.name = node.name + suffix;
    added.op = op;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::size_t tensor = chained != kNone ? chained : here_[node.inputs[i]];
      if (tensor == kNone) {
        throw InputError(network_.file, node.pointer + "/inputs", "a tensor from outside", "the output of a layer");
      }
      added.inputs.push_back(tensor);
      // The samples themselves need no gradient, whatever the file says.
      added.wants_gradient.push_back(node.input_gradients[i] && tensor != 0);
      added.gradient_slots.push_back(add_slot("input gradient of " + added.name));
    }
    add_parameters(added, op);
    added.output = add_tensor(added.name, node.sizes.output);
    here_[node.output] = added.output;
    model_.nodes.push_back(std::move(added));
  }

  void add_parameters(ModelNode& node, const LayerOp& op) {
    for (ModelParameter& parameter : std::visit(ParametersOf{}, op)) {
      parameter.name = node.name + "." + kind_name(parameter.kind);
      parameter.slot = add_slot(parameter.name);
      parameter.gradient_slot = add_slot("gradient of " + parameter.name);
      node.parameters.push_back(model_.parameters.size());
      model_.parameters.push_back(std::move(parameter));
    }
  }

  const Network& network_;
  Graph graph_;
  std::vector<std::size_t> here_;  ///< graph tensor -> the model's, as of now
  Model model_;
};

}  // namespace

Model build_model(const Network& network, std::uint64_t batch) { return ModelBuilder(network, batch).build(); }

}  // namespace lnsim::training
