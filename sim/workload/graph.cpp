// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/graph.hpp"

#include <map>
#include <utility>

#include "sim/support/problems.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

/// Names that a layer of one list may refer to, in the order of the list.
class Scope {
 public:
  void add(const std::string& name, std::size_t tensor) {
    tensors_[name] = tensor;
    names_.push_back(name);
  }
  [[nodiscard]] bool has(const std::string& name) const { return tensors_.count(name) > 0; }
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::string expected(const std::string& word) const {
    const std::string near = nearest(word, names_);
    return near.empty() ? "an earlier layer of the same list, \"previous\", \"input\" or \"outside\"" : in_quotes(near);
  }

 private:
  std::map<std::string, std::size_t> tensors_;
  std::vector<std::string> names_;
};

class Builder {
 public:
  explicit Builder(const Network& network) : network_(network), problems_(network.file) {}

  Graph build() {
    Scope scope;
    scope.add("input", add_tensor("input"));
    std::size_t previous = 0;
    for (std::size_t i = 0; i < network_.entries.size(); ++i) {
      const Entry& entry = network_.entries[i];
      const std::string pointer = "/layers/" + std::to_string(i);
      check_name(scope, entry.name, pointer);
      GraphEntry& placed = graph_.entries.emplace_back();
      placed.first = graph_.nodes.size();
      placed.outer_input = previous;
      if (entry.block) {
        add_block(entry, i, pointer);
      } else {
        graph_.entries[i].output = add_layer(entry, entry.layers.front(), i, pointer, scope, previous);
        if (entry.repeat > 1) check_repeatable(graph_.nodes.back().inputs, graph_.entries[i].output, pointer);
      }
      graph_.entries[i].last = graph_.nodes.size();
      previous = graph_.entries[i].output;
      scope.add(entry.name, previous);
    }
    check_ties();
    check_head();
    problems_.throw_if_any();
    return std::move(graph_);
  }

 private:
  std::size_t add_tensor(std::string name) {
    graph_.tensors.push_back({std::move(name), 0, std::nullopt, 0, false});
    return graph_.tensors.size() - 1;
  }

  void check_name(const Scope& scope, const std::string& name, const std::string& pointer) {
    if (name == "input" || name == "previous" || name == "outside")
      problems_.add(pointer + "/name", in_quotes(name), "a name of its own");
    if (scope.has(name)) problems_.add(pointer + "/name", in_quotes(name), "a name that no earlier layer has");
  }

  void add_block(const Entry& entry, std::size_t index, const std::string& pointer) {
    const std::size_t outer = graph_.entries[index].outer_input;
    const std::size_t inner = add_tensor(entry.name + ".input");
    graph_.tensors[inner].elements = graph_.tensors[outer].elements;
    graph_.tensors[inner].needs_gradient = graph_.tensors[outer].needs_gradient || (entry.repeat > 1 && trains(entry));
    Scope scope;
    scope.add("input", inner);
    std::size_t previous = inner;
    for (std::size_t i = 0; i < entry.layers.size(); ++i) {
      const std::string layer_pointer = pointer + "/block/" + std::to_string(i);
      check_name(scope, entry.layers[i].name, layer_pointer);
      previous = add_layer(entry, entry.layers[i], index, layer_pointer, scope, previous);
      scope.add(entry.layers[i].name, previous);
    }
    graph_.entries[index].inner_input = inner;
    graph_.entries[index].output = previous;
    if (graph_.tensors[inner].gradients > 0) ++graph_.tensors[outer].gradients;
    if (graph_.tensors[outer].elements == 0) graph_.tensors[outer].elements = graph_.tensors[inner].elements;
    if (entry.repeat > 1 && graph_.tensors[inner].elements > 0) check_repeatable({inner}, previous, pointer);
  }

  static bool trains(const Entry& entry) {
    for (const Layer& layer : entry.layers) {
      if (is_trained(layer.op)) return true;
    }
    return false;
  }

  /// Executions in a row need an output that is the next one's input.
  void check_repeatable(const std::vector<std::size_t>& inputs, std::size_t output, const std::string& pointer) {
    if (inputs.empty()) return;
    const std::uint64_t in = graph_.tensors[inputs.front()].elements;
    const std::uint64_t out = graph_.tensors[output].elements;
    if (in == out) return;
    problems_.add(pointer + "/repeat", std::to_string(in) + " elements in and " + std::to_string(out) + " out",
                  "equal sizes where repeat is more than 1");
  }

  /// Returns the output tensor.
  std::size_t add_layer(const Entry& entry, const Layer& layer, std::size_t index, const std::string& pointer,
                        const Scope& scope, std::size_t previous) {
    GraphNode node;
    node.layer = &layer;
    node.name = full_name(entry, layer);
    node.pointer = pointer;
    node.entry = index;
    node.sizes = sizes_or_report(layer, pointer);
    connect(node, entry, scope, previous);
    node.output = add_tensor(node.name);
    GraphTensor& output = graph_.tensors[node.output];
    output.elements = node.sizes.output;
    output.producer = graph_.nodes.size();
    output.needs_gradient = is_trained(layer.op);
    for (const std::size_t input : node.inputs) output.needs_gradient |= graph_.tensors[input].needs_gradient;
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back().output;
  }

  LayerSizes sizes_or_report(const Layer& layer, const std::string& pointer) {
    try {
      return sizes_of(layer.op);
    } catch (const OverflowError&) {
      problems_.add(pointer, "tensors beyond 64 bits", "at most 2^56 elements per tensor");
      return {};
    }
  }

  void connect(GraphNode& node, const Entry& entry, const Scope& scope, std::size_t previous) {
    const bool is_embedding = std::holds_alternative<Embedding>(node.layer->op);
    const std::size_t wanted = node.sizes.inputs.size();
    const std::vector<std::string>& names = node.layer->inputs;
    const bool by_default = names == std::vector<std::string>{"previous"};
    if (is_embedding && by_default) return;  // reads ids, which no layer computes
    if (!names.empty() && names.size() != wanted) {
      problems_.add(node.pointer + "/inputs", std::to_string(names.size()) + " inputs",
                    std::to_string(wanted) + " for " + std::string(type_name(node.layer->op)) +
                        (wanted > 0 ? ", or [] for tensors from outside" : ""));
      return;
    }
    for (std::size_t slot = 0; slot < wanted; ++slot) {
      const std::size_t tensor = names.empty() ? add_tensor(node.name + ".outside" + std::to_string(slot))
                                               : find(names[slot], node, slot, scope, previous);
      fit(tensor, node.sizes.inputs[slot], node, slot);
      const bool chained = entry.repeat > 1 && !entry.block && is_trained(node.layer->op);
      if (chained) graph_.tensors[tensor].needs_gradient = true;
      const bool gradient = node.layer->input_gradient.value_or(graph_.tensors[tensor].needs_gradient);
      node.inputs.push_back(tensor);
      node.input_gradients.push_back(gradient);
      if (gradient) ++graph_.tensors[tensor].gradients;
    }
  }

  std::size_t find(const std::string& name, const GraphNode& node, std::size_t slot, const Scope& scope,
                   std::size_t previous) {
    if (name == "previous") return previous;
    if (name == "outside") return add_tensor(node.name + ".outside" + std::to_string(slot));
    if (const auto tensor = scope.find(name)) return *tensor;
    problems_.add(node.pointer + "/inputs/" + std::to_string(slot), in_quotes(name), scope.expected(name));
    return add_tensor(name);
  }

  /// The consumer's size of a tensor must be its producer's.
  void fit(std::size_t tensor, std::uint64_t elements, const GraphNode& node, std::size_t slot) {
    GraphTensor& target = graph_.tensors[tensor];
    if (target.elements == 0) target.elements = elements;
    if (target.elements == elements || elements == 0) return;
    problems_.add(node.pointer, "input " + std::to_string(slot) + " of " + std::to_string(elements) + " elements",
                  std::to_string(target.elements) + ", the size of " + in_quotes(target.name));
  }

  void check_ties() {
    for (const GraphNode& node : graph_.nodes) {
      const auto* linear = std::get_if<Linear>(&node.layer->op);
      if (linear == nullptr || linear->tied_to.empty()) continue;
      GraphNode* table = embedding(linear->tied_to);
      const std::string pointer = node.pointer + "/linear/tied_to";
      if (table == nullptr) {
        problems_.add(pointer, in_quotes(linear->tied_to), "the name of an embedding layer");
        continue;
      }
      const auto& op = std::get<Embedding>(table->layer->op);
      if (op.width != linear->in_features || op.vocabulary != linear->out_features) {
        problems_.add(pointer, std::to_string(op.vocabulary) + " x " + std::to_string(op.width),
                      "a table of out_features x in_features");
      }
      table->table_tied = true;
    }
  }

  GraphNode* embedding(const std::string& name) {
    for (GraphNode& node : graph_.nodes) {
      if (node.name == name && std::holds_alternative<Embedding>(node.layer->op)) return &node;
    }
    return nullptr;
  }

  void check_head() {
    for (std::size_t i = 0; i < network_.head.size(); ++i) {
      (void)sizes_or_report(network_.head[i], "/head/" + std::to_string(i));
    }
  }

  const Network& network_;
  Problems problems_;
  Graph graph_;
};

}  // namespace

Graph build_graph(const Network& network) { return Builder(network).build(); }

}  // namespace lnsim
