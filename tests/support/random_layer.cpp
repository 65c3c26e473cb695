// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "sim/workload/layer_describe.hpp"
#include "tests/support/random_parts.hpp"

namespace lnsim::test {
namespace {

/// 1..most, evenly in half of the cases, else small ones more often.
std::uint64_t size(Choices& choices, std::uint64_t most) {
  const std::uint64_t small = scaled(choices, 1, most);
  const bool evenly = choices.flip();
  const std::uint64_t even = choices.between(1, most);
  return evenly ? even : small;
}

/// At least one window: paddings that make the input as long as the kernel.
std::uint64_t padding(Choices& choices, std::uint64_t size, std::uint64_t reach, std::uint64_t most) {
  const std::uint64_t least = reach > size ? (reach - size + 1) / 2 : 0;
  return least + choices.between(0, most);
}

Conv2d random_conv(Choices& choices) {
  Conv2d conv;
  const std::uint64_t form = choices.between(0, 9);
  conv.height = choices.between(1, 16);
  conv.width = choices.between(1, 16);
  conv.kernel = {choices.between(1, 3), choices.between(1, 3)};
  conv.stride = {choices.between(1, 3), choices.between(1, 3)};
  conv.dilation = {choices.between(1, 2), choices.between(1, 2)};
  const std::uint64_t channels = size(choices, 96);
  const std::uint64_t filters = size(choices, 96);
  const std::uint64_t groups = choices.between(2, 4);
  if (form >= 7) conv.kernel = {1, 1};
  if (form >= 5) conv.dilation = {1, 1};
  if (form == 2) conv.kernel = {5, 1};
  conv.groups = form == 3 || form == 4 ? groups : 1;
  conv.in_channels = conv.groups * (conv.groups > 1 ? (channels + 2) / 3 : channels);
  conv.out_channels = conv.groups * (conv.groups > 1 ? (filters + 2) / 3 : filters);
  if (form == 5 || form == 6) {  // depthwise, with one or two filters per channel
    // Some phases of its input gradient read weights along k, others not, so the transposer comes and goes.
    for (std::uint64_t& extent : conv.kernel) extent = std::max<std::uint64_t>(extent, 2);
    conv.stride[1] = std::max<std::uint64_t>(conv.stride[1], 2);
    conv.groups = std::min<std::uint64_t>(channels, 12);
    conv.in_channels = conv.groups;
    conv.out_channels = conv.groups * (1 + filters % 2);
  }
  conv.padding = {0, 0};
  conv.padding[0] = padding(choices, conv.height, (conv.kernel[0] - 1) * conv.dilation[0] + 1, 2);
  conv.padding[1] = padding(choices, conv.width, (conv.kernel[1] - 1) * conv.dilation[1] + 1, 2);
  conv.bias = choices.flip();
  return conv;
}

Linear random_linear(Choices& choices) {
  Linear linear;
  linear.in_features = size(choices, 256);
  linear.out_features = size(choices, 256);
  linear.rows = size(choices, 128);
  linear.bias = choices.flip();
  return linear;
}

Matmul random_matmul(Choices& choices) {
  const auto layout = [&] { return choices.flip() ? MatmulLayout::kBatchInside : MatmulLayout::kBatchFirst; };
  Matmul matmul;
  matmul.count = choices.between(1, 4);
  matmul.m = size(choices, 128);
  matmul.n = size(choices, 128);
  matmul.k = size(choices, 128);
  matmul.transpose_a = choices.flip();
  matmul.transpose_b = choices.flip();
  matmul.a_layout = layout();
  matmul.b_layout = layout();
  matmul.out_layout = layout();
  return matmul;
}

template <class Kind>
Kind random_pool(Choices& choices) {
  Kind pool;
  pool.channels = size(choices, 128);
  pool.height = choices.between(1, 20);
  pool.width = choices.between(1, 20);
  pool.kernel = {choices.between(1, 3), choices.between(1, 3)};
  pool.stride = {choices.between(1, 3), choices.between(1, 3)};
  pool.padding = {0, 0};
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    const std::uint64_t size = axis == 0 ? pool.height : pool.width;
    pool.kernel[axis] = std::min(pool.kernel[axis], size);
    pool.padding[axis] = std::min(choices.between(0, 1), pool.kernel[axis] - 1);
  }
  return pool;
}

Sizes random_shape(Choices& choices) { return {size(choices, 1024), size(choices, 256)}; }

ConvTranspose2d random_conv_transpose(Choices& choices) {
  const std::uint64_t channels = size(choices, 64);
  const std::uint64_t filters = size(choices, 64);
  ConvTranspose2d conv;
  conv.groups = choices.between(0, 3) == 0 ? 2 : 1;
  conv.in_channels = conv.groups * channels;
  conv.out_channels = conv.groups * filters;
  conv.height = choices.between(1, 10);
  conv.width = choices.between(1, 10);
  conv.kernel = {choices.between(1, 4), choices.between(1, 4)};
  conv.stride = {choices.between(1, 3), choices.between(1, 3)};
  conv.dilation = {choices.between(1, 2), 1};
  // Some of the border is cut off, never all of the output.
  const std::uint64_t cut = choices.between(0, 1);
  conv.padding = {conv.kernel[0] > 2 ? cut : 0, conv.kernel[1] > 2 ? cut : 0};
  const std::uint64_t more = choices.between(0, 1);
  conv.output_padding = {conv.stride[0] > 1 ? more : 0, conv.stride[1] > 1 ? more : 0};
  conv.bias = choices.flip();
  return conv;
}

Binary random_binary(Choices& choices) {
  Binary binary{kBinaryFunctions.at(choices.between(0, kBinaryFunctions.size() - 1)).second, random_shape(choices)};
  const std::uint64_t form = choices.between(0, 2);
  if (form > 0) binary.second = binary.shape[form - 1];
  return binary;
}

Affine random_affine(Choices& choices) {
  Affine affine{random_shape(choices)};
  affine.parameters = affine.shape[0];
  affine.scale = choices.flip();
  affine.shift = !affine.scale || choices.flip();
  return affine;
}

Move random_move(Choices& choices) {
  Move move;
  move.from = {size(choices, 4096)};
  const bool joined = choices.flip();
  const std::uint64_t second = size(choices, 4096);
  const std::uint64_t other = size(choices, 8192);
  if (joined) move.from.push_back(second);
  move.to = joined ? move.from[0] + second : other;
  return move;
}

Reduce random_reduce(Choices& choices) {
  Reduce reduce{kReduceFunctions.at(choices.between(0, kReduceFunctions.size() - 1)).second};
  reduce.out = size(choices, 512);
  reduce.in = reduce.out * size(choices, 256);
  return reduce;
}

/// The layer types in their shares of 100 cases.
LayerOp random_op(Choices& choices) {
  const std::uint64_t share = choices.between(0, 99);
  if (share < 14) return random_linear(choices);
  if (share < 29) return random_matmul(choices);
  if (share < 53) return random_conv(choices);
  if (share < 56) return random_conv_transpose(choices);
  if (share < 59) return BatchNorm{size(choices, 256), choices.between(1, 16), choices.between(1, 16)};
  if (share < 62) return LayerNorm{size(choices, 1024), size(choices, 256)};
  if (share < 65) return Softmax{size(choices, 1024), size(choices, 256)};
  if (share < 68) return Relu{random_shape(choices)};
  if (share < 71) return Gelu{random_shape(choices)};
  if (share < 74) return random_pool<MaxPool>(choices);
  if (share < 77) return random_pool<AvgPool>(choices);
  if (share < 80) {
    return Unary{kUnaryFunctions.at(choices.between(0, kUnaryFunctions.size() - 1)).second, random_shape(choices)};
  }
  if (share < 83) return random_binary(choices);
  if (share < 86) return random_affine(choices);
  if (share < 89) return random_move(choices);
  if (share < 92) return random_reduce(choices);
  if (share < 96) return Add{random_shape(choices)};
  return Embedding{size(choices, 512), size(choices, 256), size(choices, 256)};
}

/// Passes of a layer, the frequent ones several times.
std::vector<std::string> passes_of(const LayerOp& op) {
  if (std::holds_alternative<Matmul>(op)) return {"forward", "input_grad_a", "input_grad_b"};
  const auto* conv = std::get_if<Conv2d>(&op);
  if (conv != nullptr && conv->groups > 1 && conv->groups == conv->in_channels) {
    return {"forward", "input_grad", "input_grad", "input_grad", "weight_grad"};
  }
  const auto* unary = std::get_if<Unary>(&op);
  if (unary != nullptr && unary->function == UnaryFunction::kShift) return {"forward"};
  if (std::holds_alternative<ConvTranspose2d>(op)) return {"forward", "input_grad", "weight_grad"};
  if (conv != nullptr || std::holds_alternative<Linear>(op)) {
    return {"forward",    "forward",     "forward",     "input_grad",  "input_grad", "input_grad",
            "input_grad", "weight_grad", "weight_grad", "weight_grad", "update",     "gradient_accumulate",
            "bias_grad"};
  }
  if (std::holds_alternative<Add>(op)) return {"forward", "gradient_add", "gradient_add"};
  if (std::holds_alternative<Embedding>(op)) return {"forward", "weight_grad", "update", "gradient_accumulate"};
  if (std::holds_alternative<BatchNorm>(op) || std::holds_alternative<LayerNorm>(op) ||
      std::holds_alternative<Affine>(op)) {
    return {"forward", "forward", "input_grad", "weight_grad", "update"};
  }
  return {"forward", "input_grad"};
}

/// The sizes that may be halved.
std::vector<std::uint64_t*> sizes(PassCase& made) {
  std::vector<std::uint64_t*> all{&made.batch};
  const auto shape = [&](Sizes& sizes) {
    for (std::uint64_t& size : sizes) all.push_back(&size);
  };
  const auto add = [&](std::initializer_list<std::uint64_t*> more) { all.insert(all.end(), more); };
  std::visit(
      [&]<class Op>(Op& op) {
        if constexpr (std::is_same_v<Op, Conv2d>) {
          if (op.groups == 1) add({&op.in_channels, &op.out_channels});
          add({&op.height, &op.width});
        } else if constexpr (std::is_same_v<Op, Linear>) {
          add({&op.in_features, &op.out_features, &op.rows});
        } else if constexpr (std::is_same_v<Op, Matmul>) {
          add({&op.count, &op.m, &op.n, &op.k});
        } else if constexpr (std::is_same_v<Op, Embedding>) {
          add({&op.vocabulary, &op.width, &op.tokens});
        } else if constexpr (std::is_same_v<Op, LayerNorm> || std::is_same_v<Op, Softmax>) {
          add({&op.width, &op.rows});
        } else if constexpr (std::is_base_of_v<Pool, Op> || std::is_same_v<Op, BatchNorm>) {
          add({&op.channels});
        } else if constexpr (std::is_same_v<Op, ConvTranspose2d>) {
          if (op.groups == 1) add({&op.in_channels, &op.out_channels});
          add({&op.height, &op.width});
        } else if constexpr (std::is_same_v<Op, Move>) {
          add({&op.to});
        } else if constexpr (std::is_same_v<Op, Reduce>) {
          add({&op.out});
        } else {
          shape(op.shape);
        }
      },
      made.layer);
  return all;
}

/// A smaller image must still hold a window.
void mend(PassCase& made) {
  if (auto* binary = std::get_if<Binary>(&made.layer)) binary->second = std::min<std::uint64_t>(binary->second, 1);
  if (auto* affine = std::get_if<Affine>(&made.layer)) affine->parameters = 1;
  if (auto* reduce = std::get_if<Reduce>(&made.layer)) reduce->in -= reduce->in % reduce->out;
  auto* conv = std::get_if<Conv2d>(&made.layer);
  if (conv == nullptr) return;
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    const std::uint64_t reach = (conv->kernel[axis] - 1) * conv->dilation[axis] + 1;
    const std::uint64_t size = axis == 0 ? conv->height : conv->width;
    if (reach > size) conv->padding[axis] = std::max(conv->padding[axis], (reach - size + 1) / 2);
  }
}

}  // namespace

void draw_layer_pass(Choices& choices, PassCase& made) {
  const std::uint64_t pass = choices.between(0, 32759);  // 13 * 2520: a multiple of all list lengths
  made.batch = choices.between(1, 3);
  made.micro_batches = choices.between(1, 2);
  made.family = choices.flip() ? "transformer" : "cnn";
  made.statistics = chance(choices, 40);
  made.gradients = choices.between(2, 4);
  made.two_pass = chance(choices, 5);
  made.layer = random_op(choices);
  const std::vector<std::string> passes = passes_of(made.layer);
  made.pass = passes[pass % passes.size()];
}

bool halve_layer(PassCase& made) {
  std::uint64_t* largest = nullptr;
  for (std::uint64_t* size : sizes(made)) {
    if (largest == nullptr || *size > *largest) largest = size;
  }
  if (*largest <= 1) return false;
  *largest = (*largest + 1) / 2;
  mend(made);
  return true;
}

}  // namespace lnsim::test
