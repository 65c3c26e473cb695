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
  result.inputs = {times(conv.height, conv.width, conv.in_channels)};
  result.output = times(window.h.out(), window.w.out(), conv.out_channels);
  result.weights = times(filter, conv.out_channels);
  result.parameters = conv.bias ? conv.out_channels : 0;
  result.macs = times(result.output, filter);
  return result;
}

LayerSizes sizes(const Linear& linear) {
  const std::uint64_t weights = times(linear.in_features, linear.out_features);
  LayerSizes result;
  result.inputs = {times(linear.rows, linear.in_features)};
  result.output = times(linear.rows, linear.out_features);
  result.weights = linear.tied_to.empty() ? weights : 0;
  result.parameters = linear.bias ? linear.out_features : 0;
  result.macs = times(linear.rows, weights);
  return result;
}

LayerSizes sizes(const Matmul& op) {
  LayerSizes result;
  result.inputs = {times(op.count, op.m, op.k), times(op.count, op.k, op.n)};
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
  result.inputs = {elements};
  result.output = elements;
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
  result.inputs.push_back(result.output);
  return result;
}

LayerSizes sizes(const Pool& pool) {
  const Window window = window_of(pool);
  LayerSizes result;
  result.inputs = {times(pool.height, pool.width, pool.channels)};
  result.output = times(window.h.out(), window.w.out(), pool.channels);
  return result;
}

LayerSizes sizes(const ConvTranspose2d& conv) {
  const Conv2d adjoint = adjoint_of(conv);
  const Window window = window_of(adjoint);
  const std::uint64_t per_tap = times(conv.in_channels, conv.out_channels / conv.groups);
  LayerSizes result;
  result.inputs = {times(conv.height, conv.width, conv.in_channels)};
  result.output = times(adjoint.height, adjoint.width, conv.out_channels);
  result.weights = times(window.h.kernel, window.w.kernel, per_tap);
  result.parameters = conv.bias ? conv.out_channels : 0;
  result.macs = times(window.h.phase_taps(), window.w.phase_taps(), per_tap);
  return result;
}

LayerSizes sizes(const Unary& op) { return elementwise(product(op.shape)); }

LayerSizes sizes(const Binary& op) {
  LayerSizes result = elementwise(product(op.shape));
  result.inputs.push_back(op.second == 0 ? result.output : op.second);
  return result;
}

LayerSizes sizes(const Affine& op) {
  LayerSizes result = elementwise(product(op.shape));
  result.parameters = times(op.parameters, (op.scale ? 1U : 0U) + (op.shift ? 1U : 0U));
  return result;
}

LayerSizes sizes(const Move& op) {
  LayerSizes result;
  result.inputs = op.from;
  result.output = op.to;
  return result;
}

LayerSizes sizes(const Reduce& op) {
  LayerSizes result;
  result.inputs = {op.in};
  result.output = op.out;
  return result;
}

}  // namespace

LayerSizes sizes_of(const LayerOp& op) {
  return std::visit([](const auto& layer) { return sizes(layer); }, op);
}

bool is_trained(const LayerOp& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<Linear>(op) ||
         std::holds_alternative<Embedding>(op) || std::holds_alternative<BatchNorm>(op) ||
         std::holds_alternative<LayerNorm>(op) || std::holds_alternative<ConvTranspose2d>(op) ||
         std::holds_alternative<Affine>(op);
}

std::uint64_t product(const Sizes& shape) {
  std::uint64_t elements = 1;
  for (const std::uint64_t size : shape) elements = checked_mul(elements, size);
  return elements;
}

}  // namespace lnsim
