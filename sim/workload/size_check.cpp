// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/size_check.hpp"

#include <string>

#include "sim/support/problems.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kMaxPhases = 1000000;
/// All tensors together: their bits still fit 64 bits.
constexpr std::uint64_t kMaxElements = 1ULL << 58;

bool fits(std::uint64_t elements, std::uint64_t batch) { return elements <= kMaxTensorElements / batch; }

void check_node(const GraphNode& node, std::uint64_t batch, Problems& problems) {
  const LayerSizes& sizes = node.sizes;
  const std::string most = "at most " + std::to_string(kMaxTensorElements) + " elements per tensor";
  std::vector<std::uint64_t> tensors = sizes.inputs;
  tensors.push_back(sizes.output);
  for (const std::uint64_t elements : tensors) {
    if (fits(elements, batch)) continue;
    problems.add(node.pointer, std::to_string(elements) + " elements per sample",
                 most + " at batch " + std::to_string(batch));
    return;
  }
  if (sizes.weights > kMaxTensorElements) problems.add(node.pointer, std::to_string(sizes.weights) + " weights", most);
}

/// The gradients of a tensor with several consumers exist side by side until they are added.
void check_gradients(const GraphTensor& tensor, std::uint64_t batch, Problems& problems) {
  if (tensor.gradients < 2 || !fits(tensor.elements, batch)) return;  // reported with its producer
  if (tensor.elements * batch <= kMaxTensorElements / tensor.gradients) return;
  problems.add("/layers", std::to_string(tensor.gradients) + " gradients of \"" + tensor.name + "\"",
               "at most " + std::to_string(kMaxTensorElements) + " elements in all");
}

/// What all layers read and write in a forward pass; throws OverflowError.
std::uint64_t activation_elements(const Network& network, const Graph& graph, std::uint64_t batch) {
  std::uint64_t sum = 0;
  for (const GraphNode& node : graph.nodes) {
    const LayerSizes& sizes = node.sizes;
    std::uint64_t sample = sizes.output;
    for (const std::uint64_t input : sizes.inputs) sample = checked_add(sample, input);
    sum = checked_add(sum, checked_mul(checked_mul(sample, batch), network.entries[node.entry].repeat));
  }
  return sum;
}

std::uint64_t phases(const LayerOp& op) {
  if (const auto* conv = std::get_if<Conv2d>(&op)) return conv->stride.front() * conv->stride.back();
  if (const auto* conv = std::get_if<ConvTranspose2d>(&op)) return conv->stride.front() * conv->stride.back();
  return 1;
}

}  // namespace

void check_sizes(const Network& network, const Graph& graph, std::uint64_t batch) {
  Problems problems(network.file);
  std::uint64_t phase_count = 0;
  for (const GraphNode& node : graph.nodes) {
    check_node(node, batch, problems);
    phase_count += phases(node.layer->op);
  }
  for (const GraphTensor& tensor : graph.tensors) check_gradients(tensor, batch, problems);
  if (phase_count > kMaxPhases) {
    problems.add("/layers", std::to_string(phase_count) + " input gradient phases (stride x stride)",
                 "at most " + std::to_string(kMaxPhases));
  }
  try {
    (void)forward_macs(network, batch);
    const std::uint64_t elements = checked_add(parameter_count(network), activation_elements(network, graph, batch));
    if (elements > kMaxElements) throw OverflowError("elements");
  } catch (const OverflowError&) {
    problems.add("/layers", "totals beyond 64 bits at batch " + std::to_string(batch),
                 "MACs that fit 64 bits and at most 2^58 elements in all tensors");
  }
  problems.throw_if_any();
}

}  // namespace lnsim
