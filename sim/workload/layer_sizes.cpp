// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/layer_sizes.hpp"

#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return checked_mul(a, b); }
std::uint64_t times(std::uint64_t a, std::uint64_t b, std::uint64_t c) { return checked_mul(checked_mul(a, b), c); }

LayerSizes sizes(const Conv2d& conv) {
  const Window window = window_of(conv);
  const std::uint64_t filter = times(window.h.kernel, window.w.kernel, conv.in_channels / conv.groups);
  LayerSizes result;
  result.input = times(conv.height, conv.width, conv.in_channels);
  result.output = times(window.h.out(), window.w.out(), conv.out_channels);
  result.weights = times(filter, conv.out_channels);
  result.parameters = conv.bias ? conv.out_channels : 0;
  result.macs = times(result.output, filter);
  return result;
}

LayerSizes sizes(const Linear& linear) {
  const std::uint64_t weights = times(linear.in_features, linear.out_features);
  LayerSizes result;
  result.input = times(linear.rows, linear.in_features);
  result.output = times(linear.rows, linear.out_features);
  result.weights = linear.tied_to.empty() ? weights : 0;
  result.parameters = linear.bias ? linear.out_features : 0;
  result.macs = times(linear.rows, weights);
  return result;
}

LayerSizes sizes(const Matmul& op) {
  LayerSizes result;
  result.input = times(op.count, op.m, op.k);
  result.second_input = times(op.count, op.k, op.n);
  result.output = times(op.count, op.m, op.n);
  result.macs = times(result.output, op.k);
  return result;
}

LayerSizes sizes(const Embedding& op) {
  LayerSizes result;
  result.output = times(op.tokens, op.width);
  result.weights = times(op.vocabulary, op.width);
  return result;
}

LayerSizes elementwise(std::uint64_t elements) {
  LayerSizes result;
  result.input = result.output = elements;
  return result;
}

LayerSizes sizes(const BatchNorm& op) {
  LayerSizes result = elementwise(times(op.channels, op.height, op.width));
  result.parameters = result.running_statistics = 2 * op.channels;
  return result;
}

LayerSizes sizes(const LayerNorm& op) {
  LayerSizes result = elementwise(times(op.width, op.rows));
  result.parameters = 2 * op.width;
  return result;
}

LayerSizes sizes(const Softmax& op) { return elementwise(times(op.width, op.rows)); }
LayerSizes sizes(const Relu& op) { return elementwise(product(op.shape)); }
LayerSizes sizes(const Gelu& op) { return elementwise(product(op.shape)); }

LayerSizes sizes(const Add& op) {
  LayerSizes result = elementwise(product(op.shape));
  result.second_input = result.input;
  return result;
}

LayerSizes sizes(const Pool& pool) {
  const Window window = window_of(pool);
  LayerSizes result;
  result.input = times(pool.height, pool.width, pool.channels);
  result.output = times(window.h.out(), window.w.out(), pool.channels);
  return result;
}

}  // namespace

LayerSizes sizes_of(const LayerOp& op) {
  return std::visit([](const auto& layer) { return sizes(layer); }, op);
}

bool is_trained(const LayerOp& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<Linear>(op) ||
         std::holds_alternative<Embedding>(op) || std::holds_alternative<BatchNorm>(op) ||
         std::holds_alternative<LayerNorm>(op);
}

std::uint64_t product(const Sizes& shape) {
  std::uint64_t elements = 1;
  for (const std::uint64_t size : shape) elements = checked_mul(elements, size);
  return elements;
}

}  // namespace lnsim
