// SPDX-License-Identifier: Apache-2.0
// Convolutions, pooling and batch normalisation: operators on images. Signals of one axis are images of height 1.
#include <algorithm>
#include <utility>

#include "sim/import/onnx/importer.hpp"

namespace lnsim::onnx_import {
namespace {

/// An input (N, C, H, W) or (N, C, L) with channels fastest.
struct Image {
  Value value;
  std::uint64_t channels = 1;
  std::uint64_t height = 1;
  std::uint64_t width = 1;
  bool line = false;  ///< (N, C, L)
};

Image image(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  if (rank != 3 && rank != 4)
    importer.refuse(node, std::to_string(rank) + " axes", "3 or 4: (N, C, L) or (N, C, H, W)");
  Image made;
  made.line = rank == 3;
  if (given.dims()[0] != 1) importer.refuse(node, "a batch of its own making", "the batch of the inputs");
  made.value = importer.laid_out(node, given, channels_last(given.dims()));
  made.channels = given.dims()[1];
  made.height = made.line ? 1 : given.dims()[2];
  made.width = given.dims().back();
  return made;
}

TensorView image_view(const Image& like, std::uint64_t channels, std::uint64_t height, std::uint64_t width) {
  return channels_last(like.line ? Dims{1, channels, width} : Dims{1, channels, height, width});
}

/// A list along height and width; along a line, only width.
Sizes along_axes(Importer& importer, const Node& node, const char* key, std::uint64_t otherwise, bool line) {
  const auto* given = node.integers(key);
  Sizes sizes(2, otherwise);
  if (line) sizes[0] = 1;
  if (given == nullptr) return sizes;
  if (given->size() != (line ? 1U : 2U)) importer.refuse(node, std::string(key) + " of another rank", "one per axis");
  for (std::size_t i = 0; i < given->size(); ++i) {
    if ((*given)[i] < 1) importer.refuse(node, std::string(key) + " " + std::to_string((*given)[i]), "at least 1");
    sizes[line ? 1 : i] = static_cast<std::uint64_t>((*given)[i]);
  }
  return sizes;
}

/// Top, left, bottom, right from "pads" and "auto_pad".
Sizes padding(Importer& importer, const Node& node, const Image& in, const Sizes& kernel, const Sizes& stride,
              const Sizes& dilation) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  Sizes pads(4, 0);
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    const std::uint64_t sizes[] = {in.height, in.width};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::uint64_t outputs = (sizes[axis] - 1) / stride[axis] + 1;
      const std::uint64_t needed = (outputs - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
      const std::uint64_t total = needed > sizes[axis] ? needed - sizes[axis] : 0;
      const std::uint64_t half = total / 2;
      pads[axis] = automatic == "SAME_UPPER" ? half : total - half;
      pads[axis + 2] = total - pads[axis];
    }
    return pads;
  }
  const auto* given = node.integers("pads");
  if (given == nullptr || automatic == "VALID") return pads;
  const std::size_t axes = in.line ? 1 : 2;
  if (given->size() != 2 * axes) importer.refuse(node, "pads of another rank", "two per axis");
  for (std::size_t i = 0; i < given->size(); ++i) {
    if ((*given)[i] < 0) importer.refuse(node, "pads " + std::to_string((*given)[i]), "at least 0");
    const std::size_t at = in.line ? 1 + 2 * i : i;
    pads[at] = static_cast<std::uint64_t>((*given)[i]);
  }
  return pads;
}

/// As a workload file would say it: [both] where both are equal.
Sizes brief(const Sizes& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [&](std::uint64_t size) { return size == sizes[0]; })
             ? Sizes{sizes[0]}
             : (sizes.size() == 4 && sizes[0] == sizes[2] && sizes[1] == sizes[3] ? Sizes{sizes[0], sizes[1]} : sizes);
}

const Dims& weight_dims(Importer& importer, const Node& node, const Image& in) {
  const Value& weight = importer.input(node, 1);
  if (!weight.constant) importer.refuse(node, "a weight that the model computes", "a constant");
  if (weight.dims().size() != (in.line ? 3U : 4U)) {
    importer.refuse(node, "a weight of " + std::to_string(weight.dims().size()) + " axes", "as many as its input has");
  }
  for (const std::uint64_t size : weight.dims()) {
    if (size == 0) importer.refuse(node, "a weight without elements", "at least one");
  }
  return weight.dims();
}

Sizes kernel_of(const Dims& weight, bool line) { return line ? Sizes{1, weight[2]} : Sizes{weight[2], weight[3]}; }

std::uint64_t groups_of(Importer& importer, const Node& node) {
  const std::int64_t groups = node.integer("group", 1);
  if (groups < 1) importer.refuse(node, "group " + std::to_string(groups), "at least 1");
  return static_cast<std::uint64_t>(groups);
}

/// What convolutions and transposed ones have in common.
template <class Conv>
void read_window(Importer& importer, const Node& node, const Image& in, const Dims& weight, Conv& conv) {
  const Sizes kernel = kernel_of(weight, in.line);
  const Sizes stride = along_axes(importer, node, "strides", 1, in.line);
  const Sizes dilation = along_axes(importer, node, "dilations", 1, in.line);
  conv.kernel = brief(kernel);
  conv.stride = brief(stride);
  conv.dilation = brief(dilation);
  conv.padding = brief(padding(importer, node, in, kernel, stride, dilation));
}

void convolution(Importer& importer, const Node& node) {
  const Image in = image(importer, node);
  const Dims& weight = weight_dims(importer, node, in);
  Conv2d conv;
  conv.groups = groups_of(importer, node);
  conv.in_channels = in.channels;
  conv.out_channels = weight[0];
  conv.height = in.height;
  conv.width = in.width;
  if (weight[1] > in.channels || weight[1] * conv.groups != in.channels) {
    importer.refuse(node, std::to_string(in.channels) + " channels",
                    std::to_string(weight[1]) + " in each of " + std::to_string(conv.groups) + " groups");
  }
  read_window(importer, node, in, weight, conv);
  conv.bias = importer.has_input(node, 2);
  const Window window = window_of(conv);
  if (window.h.out() == 0 || window.w.out() == 0)
    importer.refuse(node, "a kernel larger than its input", "one that fits");
  importer.set(node,
               importer.add(node, conv, {in.value}, image_view(in, conv.out_channels, window.h.out(), window.w.out())));
}

void transposed_convolution(Importer& importer, const Node& node) {
  const Image in = image(importer, node);
  const Dims& weight = weight_dims(importer, node, in);
  if (node.integers("output_shape") != nullptr || node.text("auto_pad", "NOTSET") != "NOTSET") {
    importer.refuse(node, "output_shape or auto_pad", "pads and output_padding");
  }
  ConvTranspose2d conv;
  conv.groups = groups_of(importer, node);
  conv.in_channels = in.channels;
  conv.out_channels = weight[1] * conv.groups;
  conv.height = in.height;
  conv.width = in.width;
  if (weight[0] != in.channels || in.channels % conv.groups != 0) {
    importer.refuse(node, std::to_string(in.channels) + " channels", std::to_string(weight[0]));
  }
  read_window(importer, node, in, weight, conv);
  if (const auto* more = node.integers("output_padding")) {
    if (more->size() != (in.line ? 1U : 2U)) importer.refuse(node, "output_padding of another rank", "one per axis");
    Sizes sizes(2, 0);
    for (std::size_t i = 0; i < more->size(); ++i) {
      if ((*more)[i] < 0) importer.refuse(node, "a negative output_padding", "at least 0");
      sizes[in.line ? 1 : i] = static_cast<std::uint64_t>((*more)[i]);
    }
    conv.output_padding = brief(sizes);
  }
  conv.bias = importer.has_input(node, 2);
  const Conv2d adjoint = adjoint_of(conv);
  if (adjoint.height == 0 || adjoint.width == 0) importer.refuse(node, "an output without elements", "at least one");
  importer.set(node,
               importer.add(node, conv, {in.value}, image_view(in, conv.out_channels, adjoint.height, adjoint.width)));
}

template <class Kind>
void pool(Importer& importer, const Node& node) {
  const Image in = image(importer, node);
  const Sizes kernel = along_axes(importer, node, "kernel_shape", 1, in.line);
  const Sizes stride = along_axes(importer, node, "strides", 1, in.line);
  if (along_axes(importer, node, "dilations", 1, in.line) != Sizes(2, 1)) {
    importer.refuse(node, "a dilated window", "dilations of 1");
  }
  Sizes pads = padding(importer, node, in, kernel, stride, {1, 1});
  if (node.integer("ceil_mode", 0) != 0) {
    // The last window may reach beyond the input, as far as it starts inside it or its padding before.
    const std::uint64_t sizes[] = {in.height, in.width};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::uint64_t padded = sizes[axis] + pads[axis] + pads[axis + 2];
      if (padded < kernel[axis] || (padded - kernel[axis]) % stride[axis] == 0) continue;
      const std::uint64_t start = (padded - kernel[axis]) / stride[axis] * stride[axis] + stride[axis];
      if (start < sizes[axis] + pads[axis]) pads[axis + 2] += start + kernel[axis] - padded;
    }
  }
  Kind op;
  op.channels = in.channels;
  op.height = in.height;
  op.width = in.width;
  op.kernel = brief(kernel);
  op.stride = brief(stride);
  op.padding = brief(pads);
  const Window window = window_of(op);
  if (window.h.out() == 0 || window.w.out() == 0)
    importer.refuse(node, "a window larger than its input", "one that fits");
  importer.set(node, importer.add(node, op, {in.value}, image_view(in, in.channels, window.h.out(), window.w.out())));
}

template <class Kind>
void global_pool(Importer& importer, const Node& node) {
  const Image in = image(importer, node);
  Kind op;
  op.channels = in.channels;
  op.height = in.height;
  op.width = in.width;
  op.kernel = brief({in.height, in.width});
  importer.set(node, importer.add(node, op, {in.value}, image_view(in, in.channels, 1, 1)));
}

void batch_norm(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  if (rank < 2 || given.dims()[0] != 1) importer.refuse(node, std::to_string(rank) + " axes", "(N, C, ...)");
  const Value value = importer.laid_out(node, given, channels_last(given.dims()));
  BatchNorm norm;
  norm.channels = given.dims()[1];
  norm.height = rank > 3 ? elements_of(Dims(given.dims().begin() + 2, given.dims().end() - 1)) : 1;
  norm.width = rank > 2 ? given.dims().back() : 1;
  importer.set(node, importer.add(node, norm, {value}, value.view));
}

}  // namespace

void add_convolutions(OperatorTable& table) {
  table["Conv"] = convolution;
  table["ConvTranspose"] = transposed_convolution;
  table["MaxPool"] = pool<MaxPool>;
  table["AveragePool"] = pool<AvgPool>;
  table["GlobalMaxPool"] = global_pool<MaxPool>;
  table["GlobalAveragePool"] = global_pool<AvgPool>;
  table["BatchNormalization"] = batch_norm;
}

}  // namespace lnsim::onnx_import
