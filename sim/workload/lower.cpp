// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/lower.hpp"

#include <algorithm>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/workload/gemm_lowering.hpp"
#include "sim/workload/graph.hpp"
#include "sim/workload/size_check.hpp"
#include "sim/workload/vector_lowering.hpp"

namespace lnsim {
namespace {

class Lowering {
 public:
  Lowering(const Network& network, const Graph& graph, const LowerOptions& options)
      : network_(network),
        graph_(graph),
        options_(options),
        batch_(options.batch == 0 ? network.batch : options.batch) {}

  std::vector<LayerPass> run() {
    for (const GraphNode& node : graph_.nodes) forward(node);
    for (std::size_t i = graph_.entries.size(); i-- > 0;) backward(graph_.entries[i]);
    for (const GraphNode& node : graph_.nodes) update(node);
    return std::move(passes_);
  }

 private:
  /// Adds the pass if it is selected. `layer` is the name that the layer selection knows.
  void emit(LayerPass pass, const std::string& layer, std::size_t entry, const char* suffix = "") {
    if (!options_.passes.has(pass.kind) || !options_.layers.has(layer)) return;
    pass.layer = layer + suffix;
    const bool once = pass.kind == PassKind::kUpdate;
    try {
      pass.repeat = checked_mul(network_.entries[entry].repeat, once ? 1 : options_.micro_batches);
      total_macs_ = checked_add(total_macs_, checked_mul(pass.macs(), pass.repeat));
    } catch (const OverflowError&) {
      throw InputError(network_.file, "/layers",
                       "MACs beyond 64 bits at batch " + std::to_string(batch_) + " and " +
                           std::to_string(options_.micro_batches) + " micro-batches",
                       "an iteration whose MACs fit 64 bits");
    }
    passes_.push_back(std::move(pass));
  }

  void forward(const GraphNode& node) {
    const LayerOp& op = node.layer->op;
    if (const auto* conv = std::get_if<Conv2d>(&op)) {
      emit_forward_gemm(conv_forward(*conv, batch_), node, conv->out_channels);
    } else if (const auto* linear = std::get_if<Linear>(&op)) {
      emit_forward_gemm(linear_forward(*linear, batch_), node, linear->out_features);
    } else if (const auto* matmul = std::get_if<Matmul>(&op)) {
      emit(matmul_forward(*matmul, batch_), node.name, node.entry);
    } else if (const auto* transposed = std::get_if<ConvTranspose2d>(&op)) {
      emit(conv_transpose_forward(*transposed, batch_), node.name, node.entry);
    } else {
      emit_vector(node, PassKind::kForward);
    }
  }

  void emit_forward_gemm(LayerPass pass, const GraphNode& node, std::uint64_t channels) {
    const std::size_t next = static_cast<std::size_t>(&node - graph_.nodes.data()) + 1;
    if (next < graph_.nodes.size() && statistics_fused(graph_.nodes[next])) pass.statistics_channels = channels;
    emit(std::move(pass), node.name, node.entry);
  }

  /// Whether the layer is a batch_norm on the output of the conv2d or linear layer directly before it, channel by
  /// channel.
  [[nodiscard]] bool statistics_fused(const GraphNode& node) const {
    const auto* norm = std::get_if<BatchNorm>(&node.layer->op);
    if (norm == nullptr || node.inputs.empty() || &node == graph_.nodes.data()) return false;
    const GraphNode& before = *(&node - 1);
    if (node.inputs[0] != before.output) return false;
    const auto* conv = std::get_if<Conv2d>(&before.layer->op);
    const auto* linear = std::get_if<Linear>(&before.layer->op);
    return (conv != nullptr && conv->out_channels == norm->channels) ||
           (linear != nullptr && linear->out_features == norm->channels);
  }

  void emit_vector(const GraphNode& node, PassKind kind) {
    VectorContext context;
    context.statistics_fused = statistics_fused(node);
    context.table_zeroed = node.table_tied;
    if (node.input_gradients.size() == 2) {
      context.first_gradient = node.input_gradients[0];
      context.second_gradient = node.input_gradients[1];
    }
    std::optional<LayerPass> pass = vector_pass(node.layer->op, kind, batch_, context);
    if (pass) emit(*std::move(pass), node.name, node.entry);
  }

  void backward(const GraphEntry& entry) {
    for (std::size_t i = entry.last; i-- > entry.first;) {
      const GraphNode& node = graph_.nodes[i];
      sum_gradients(node.output, node.name, node.entry);
      backward(node);
      if (options_.micro_batches > 1) accumulate(node);
    }
    if (entry.inner_input) {
      const std::size_t index = static_cast<std::size_t>(&entry - graph_.entries.data());
      sum_gradients(*entry.inner_input, graph_.tensors[*entry.inner_input].name, index);
    }
  }

  void sum_gradients(std::size_t tensor, const std::string& layer, std::size_t entry) {
    const GraphTensor& sum = graph_.tensors[tensor];
    if (sum.gradients < 2) return;
    emit(gradient_add_pass(sum.elements * batch_, sum.gradients), layer, entry, ".gradient_add");
  }

  void backward(const GraphNode& node) {
    const LayerOp& op = node.layer->op;
    const bool input_gradient = std::count(node.input_gradients.begin(), node.input_gradients.end(), true) > 0;
    if (const auto* conv = std::get_if<Conv2d>(&op)) {
      if (input_gradient) emit(conv_input_grad(*conv, batch_), node.name, node.entry);
      emit(conv_weight_grad(*conv, batch_), node.name, node.entry);
      if (conv->bias) emit_bias(node, conv->out_channels);
    } else if (const auto* linear = std::get_if<Linear>(&op)) {
      if (input_gradient) emit(linear_input_grad(*linear, batch_), node.name, node.entry);
      emit(linear_weight_grad(*linear, batch_), node.name, node.entry);
      if (linear->bias) emit_bias(node, linear->out_features);
    } else if (const auto* matmul = std::get_if<Matmul>(&op)) {
      if (!node.input_gradients.empty() && node.input_gradients[0]) {
        emit(matmul_input_grad_a(*matmul, batch_), node.name, node.entry);
      }
      if (node.input_gradients.size() > 1 && node.input_gradients[1]) {
        emit(matmul_input_grad_b(*matmul, batch_), node.name, node.entry);
      }
    } else if (const auto* transposed = std::get_if<ConvTranspose2d>(&op)) {
      if (input_gradient) emit(conv_transpose_input_grad(*transposed, batch_), node.name, node.entry);
      emit(conv_transpose_weight_grad(*transposed, batch_), node.name, node.entry);
      if (transposed->bias) emit_bias(node, transposed->out_channels);
    } else if (std::holds_alternative<Embedding>(op)) {
      emit_vector(node, PassKind::kWeightGrad);
    } else {
      // The parameter gradients of a norm are a by-product of its input gradient, or computed alone.
      emit_vector(node, input_gradient ? PassKind::kInputGrad : PassKind::kWeightGrad);
    }
  }

  void emit_bias(const GraphNode& node, std::uint64_t channels) {
    emit(bias_gradient_pass(node.sizes.output / channels * batch_, channels), node.name, node.entry, ".bias");
  }

  void accumulate(const GraphNode& node) { emit_update(node, PassKind::kGradientAccumulate); }
  void update(const GraphNode& node) { emit_update(node, PassKind::kUpdate); }

  void emit_update(const GraphNode& node, PassKind kind) {
    const LayerSizes& sizes = node.sizes;
    if (sizes.weights == 0 && sizes.parameters == 0) return;
    LayerPass pass;
    pass.type = std::string(type_name(node.layer->op));
    pass.kind = kind;
    pass.update_elements = sizes.weights;
    pass.parameter_elements = sizes.parameters;
    if (sizes.weights > 0) {
      pass.tensors.push_back({"weight", Role::kWeight, sizes.weights});
      pass.tensors.push_back({"weight_gradient", Role::kWeightGradient, sizes.weights});
    }
    if (sizes.parameters > 0) {
      pass.tensors.push_back({"parameters", Role::kParameter, sizes.parameters});
      pass.tensors.push_back({"parameter_gradient", Role::kParameter, sizes.parameters});
    }
    emit(std::move(pass), node.name, node.entry);
  }

  const Network& network_;
  const Graph& graph_;
  const LowerOptions& options_;
  std::uint64_t batch_;
  std::uint64_t total_macs_ = 0;
  std::vector<LayerPass> passes_;
};

std::vector<std::string> selectable_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphNode& node : graph.nodes) names.push_back(node.name);
  for (const GraphEntry& entry : graph.entries) {
    if (entry.inner_input) names.push_back(graph.tensors[*entry.inner_input].name);
  }
  return names;
}

}  // namespace

std::vector<LayerPass> lower(const Network& network, const LowerOptions& options) {
  const Graph graph = build_graph(network);
  check_sizes(network, graph, options.batch == 0 ? network.batch : options.batch);
  options.layers.check(selectable_names(graph), "--layers");
  return Lowering(network, graph, options).run();
}

}  // namespace lnsim
