// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/memory.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sim/workload/graph.hpp"
#include "sim/workload/size_check.hpp"
#include "sim/workload/vector_lowering.hpp"

namespace lnsim {
namespace {

class SavedTensors {
 public:
  SavedTensors(const Network& network, const Graph& graph, std::uint64_t batch)
      : network_(network), graph_(graph), batch_(batch) {}

  std::vector<SavedTensor> collect() {
    for (const GraphNode& node : graph_.nodes) {
      save_activations(node);
      save_by_products(node);
    }
    for (const auto& [tensor, copies] : activations_) {
      const GraphTensor& kept = graph_.tensors[tensor];
      saved_.push_back({{kept.name, Role::kActivation, kept.elements * batch_, 0}, copies});
    }
    return std::move(saved_);
  }

 private:
  void save_activations(const GraphNode& node) {
    const SavedForBackward kept = saved_for_backward(node.layer->op);
    if (kept.inputs) {
      for (const std::size_t input : node.inputs) save(input, node.entry);
    }
    if (kept.output) save(node.output, node.entry);
  }

  /// A tensor counts once, and once per repeat inside a block. What a repeated entry reads is its outer input the first
  /// time and its own output later.
  void save(std::size_t tensor, std::size_t entry) {
    const GraphEntry& placed = graph_.entries[entry];
    const std::uint64_t repeat = network_.entries[entry].repeat;
    if (network_.entries[entry].block && placed.inner_input != tensor) {
      activations_.emplace(tensor, repeat);
      return;
    }
    activations_.emplace(placed.inner_input == tensor ? placed.outer_input : tensor, 1);
    if (repeat == 1 || !chained_.insert(entry).second) return;
    const GraphTensor& chain = graph_.tensors[placed.output];
    saved_.push_back({{chain.name + ".repeats", Role::kActivation, chain.elements * batch_, 0}, repeat - 1});
  }

  /// Masks, indices, ids and statistics: the tensors of the layer's own forward pass that are neither activations nor
  /// trained.
  void save_by_products(const GraphNode& node) {
    const std::optional<LayerPass> pass = vector_pass(node.layer->op, PassKind::kForward, batch_, {});
    if (!pass) return;
    for (const Tensor& tensor : pass->tensors) {
      const bool kept = tensor.role == Role::kMask || tensor.role == Role::kIndex || tensor.name == "statistics";
      if (!kept) continue;
      Tensor named = tensor;
      named.name = node.name + "." + tensor.name;
      saved_.push_back({std::move(named), network_.entries[node.entry].repeat});
    }
  }

  const Network& network_;
  const Graph& graph_;
  std::uint64_t batch_;
  std::map<std::size_t, std::uint64_t> activations_;  ///< tensor -> copies
  std::set<std::size_t> chained_;                     ///< entries whose outputs between repeats are listed
  std::vector<SavedTensor> saved_;
};

/// Walks the backward pass and keeps the set of gradients that exist.
class LiveGradients {
 public:
  LiveGradients(const Graph& graph, std::uint64_t batch) : graph_(graph), batch_(batch), held_(graph.tensors.size()) {}

  std::uint64_t peak() {
    for (std::size_t i = graph_.entries.size(); i-- > 0;) {
      const GraphEntry& entry = graph_.entries[i];
      for (std::size_t n = entry.last; n-- > entry.first;) step(graph_.nodes[n]);
      if (!entry.inner_input) continue;
      sum(*entry.inner_input);
      // The block's input gradient goes on as that of its outer input.
      std::vector<std::size_t>& target = held_[entry.outer_input];
      std::vector<std::size_t>& source = held_[*entry.inner_input];
      target.insert(target.end(), source.begin(), source.end());
      source.clear();
    }
    return peak_;
  }

 private:
  struct Buffer {
    std::uint64_t elements = 0;
    std::size_t holders = 0;
  };

  std::size_t allocate(std::uint64_t elements) {
    buffers_.push_back({elements, 1});
    live_ += elements;
    peak_ = std::max(peak_, live_);
    return buffers_.size() - 1;
  }

  void release(std::size_t buffer) {
    if (--buffers_[buffer].holders == 0) live_ -= buffers_[buffer].elements;
  }

  /// Several gradients of a tensor become one.
  void sum(std::size_t tensor) {
    std::vector<std::size_t>& held = held_[tensor];
    if (held.size() < 2) return;
    const std::size_t result = allocate(graph_.tensors[tensor].elements * batch_);
    for (const std::size_t buffer : held) release(buffer);
    held = {result};
  }

  void step(const GraphNode& node) {
    std::vector<std::size_t>& incoming = held_[node.output];
    const bool carries = graph_.tensors[node.output].needs_gradient;
    if (incoming.empty() && carries) incoming.push_back(allocate(graph_.tensors[node.output].elements * batch_));
    sum(node.output);
    const bool passes_on = passes_gradient_on(node.layer->op);
    for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (!node.input_gradients[slot]) continue;
      const std::size_t input = node.inputs[slot];
      if (passes_on && !held_[node.output].empty()) {
        const std::size_t shared = held_[node.output].front();
        ++buffers_[shared].holders;
        held_[input].push_back(shared);
      } else {
        held_[input].push_back(allocate(graph_.tensors[input].elements * batch_));
      }
    }
    for (const std::size_t buffer : held_[node.output]) release(buffer);
    held_[node.output].clear();
  }

  const Graph& graph_;
  std::uint64_t batch_;
  std::vector<std::vector<std::size_t>> held_;  ///< buffers of each tensor's gradient
  std::vector<Buffer> buffers_;
  std::uint64_t live_ = 0;
  std::uint64_t peak_ = 0;
};

void add_weights(const Network& network, const Graph& graph, MemoryFootprint& footprint) {
  for (const GraphNode& node : graph.nodes) {
    const std::uint64_t repeat = network.entries[node.entry].repeat;
    footprint.weights += node.sizes.weights * repeat;
    footprint.parameters += node.sizes.parameters * repeat;
    footprint.running_statistics += node.sizes.running_statistics * repeat;
    if (node.sizes.weights > footprint.largest_weight.elements) {
      footprint.largest_weight = {node.name, Role::kWeight, node.sizes.weights, 0};
    }
  }
  for (const Layer& layer : network.head) {
    const LayerSizes sizes = sizes_of(layer.op);
    footprint.head_weights += sizes.weights;
    footprint.head_parameters += sizes.parameters;
    footprint.running_statistics += sizes.running_statistics;
  }
}

}  // namespace

std::uint64_t MemoryFootprint::saved_elements(Role role) const {
  std::uint64_t elements = 0;
  for (const SavedTensor& kept : saved) {
    if (kept.tensor.role == role) elements += kept.tensor.elements * kept.copies;
  }
  return elements;
}

std::uint64_t MemoryFootprint::saved_bits() const {
  std::uint64_t bits = 0;
  for (const SavedTensor& kept : saved) {
    const Tensor& tensor = kept.tensor;
    const bool counted = tensor.role == Role::kMask || tensor.role == Role::kIndex;
    if (counted) bits += tensor.elements * kept.copies * std::max(1U, tensor.index_bits);
  }
  return bits;
}

MemoryFootprint memory_footprint(const Network& network, std::uint64_t batch) {
  const std::uint64_t samples = batch == 0 ? network.batch : batch;
  const Graph graph = build_graph(network);
  check_sizes(network, graph, samples);
  MemoryFootprint footprint;
  add_weights(network, graph, footprint);
  footprint.saved = SavedTensors(network, graph, samples).collect();
  footprint.peak_gradients = LiveGradients(graph, samples).peak();
  for (const GraphTensor& tensor : graph.tensors) {
    const std::uint64_t elements = tensor.elements * samples;
    if (!tensor.needs_gradient || elements <= footprint.largest_gradient.elements) continue;
    footprint.largest_gradient = {tensor.name, Role::kGradient, elements, 0};
  }
  return footprint;
}

}  // namespace lnsim
