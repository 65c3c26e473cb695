// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/layer.hpp"

#include <algorithm>
#include <array>

#include "sim/workload/layer_describe.hpp"

namespace lnsim {
namespace {

/// Before and after, for one axis (0: height, 1: width) of {all}, {height, width} or {top, left, bottom, right}.
std::array<std::uint64_t, 2> padding_along(const Sizes& padding, std::size_t axis) {
  if (padding.size() == 4) return {padding[axis], padding[axis + 2]};
  const std::uint64_t both = axis == 0 ? padding.front() : padding.back();
  return {both, both};
}

Window make_window(std::uint64_t height, std::uint64_t width, const Sizes& kernel, const Sizes& stride,
                   const Sizes& dilation, const Sizes& padding) {
  const auto [top, bottom] = padding_along(padding, 0);
  const auto [left, right] = padding_along(padding, 1);
  return {{height, kernel.front(), stride.front(), dilation.front(), top, bottom},
          {width, kernel.back(), stride.back(), dilation.back(), left, right}};
}

/// Number of i in [0, n) with lowest <= i * step <= highest.
std::uint64_t steps_inside(std::uint64_t n, std::int64_t step, std::int64_t lowest, std::int64_t highest) {
  if (highest < 0) return 0;
  const std::int64_t first = lowest <= 0 ? 0 : (lowest + step - 1) / step;
  const std::int64_t last = std::min(highest / step, static_cast<std::int64_t>(n) - 1);
  return last < first ? 0 : static_cast<std::uint64_t>(last - first + 1);
}

}  // namespace

std::string_view type_name(const LayerOp& op) {
  static constexpr std::array<std::string_view, std::variant_size_v<LayerOp>> kNames = {
      "conv2d",   "linear",   "matmul", "embedding",        "batch_norm", "layer_norm", "softmax", "relu", "gelu",
      "max_pool", "avg_pool", "add",    "conv_transpose2d", "unary",      "binary",     "affine",  "move", "reduce"};
  return kNames.at(op.index());
}

std::string_view function_name(UnaryFunction function) { return detail::name_of(function, kUnaryFunctions); }
std::string_view function_name(BinaryFunction function) { return detail::name_of(function, kBinaryFunctions); }
std::string_view function_name(ReduceFunction function) { return detail::name_of(function, kReduceFunctions); }

std::uint64_t WindowAxis::valid_taps() const {
  std::uint64_t taps = 0;
  const auto inputs = static_cast<std::int64_t>(in);
  for (std::uint64_t tap = 0; tap < kernel; ++tap) {
    const std::int64_t shift = static_cast<std::int64_t>(tap * dilation) - static_cast<std::int64_t>(pad_before);
    taps += steps_inside(out(), static_cast<std::int64_t>(stride), -shift, inputs - 1 - shift);
  }
  return taps;
}

std::uint64_t WindowAxis::phase_taps() const {
  std::uint64_t pairs = 0;
  for (std::uint64_t tap = 0; tap < kernel; ++tap) {
    // The first position that the tap meets is tap * dilation - pad_before, modulo the stride.
    const std::uint64_t first = (tap % stride * (dilation % stride) + (stride - pad_before % stride)) % stride;
    pairs += first < in ? (in - 1 - first) / stride + 1 : 0;
  }
  return pairs;
}

std::uint64_t WindowAxis::covered() const {
  // Pooling windows have no dilation: each is a solid interval of `kernel` positions, and they start in ascending
  // order.
  std::uint64_t met = 0;
  std::int64_t next = 0;  // first position not yet counted
  const auto inputs = static_cast<std::int64_t>(in);
  for (std::uint64_t i = 0; i < out(); ++i) {
    const std::int64_t start = static_cast<std::int64_t>(i * stride) - static_cast<std::int64_t>(pad_before);
    const std::int64_t first = std::max(start, next);
    const std::int64_t end = std::min(start + static_cast<std::int64_t>(kernel), inputs);
    if (end <= first) continue;
    met += static_cast<std::uint64_t>(end - first);
    next = end;
  }
  return met;
}

Window window_of(const Conv2d& conv) {
  return make_window(conv.height, conv.width, conv.kernel, conv.stride, conv.dilation, conv.padding);
}

Window window_of(const Pool& pool) {
  return make_window(pool.height, pool.width, pool.kernel, pool.stride, {1}, pool.padding);
}

Conv2d adjoint_of(const ConvTranspose2d& conv) {
  Conv2d adjoint;
  adjoint.in_channels = conv.out_channels;
  adjoint.out_channels = conv.in_channels;
  adjoint.kernel = conv.kernel;
  adjoint.stride = conv.stride;
  adjoint.padding = conv.padding;
  adjoint.dilation = conv.dilation;
  adjoint.groups = conv.groups;
  // As many positions as the windows of all input pixels span, without what the padding cuts off.
  const auto out = [&](const WindowAxis& axis, std::uint64_t in, std::uint64_t more) {
    const std::uint64_t reached = (in - 1) * axis.stride + axis.span() + more;
    const std::uint64_t cut = axis.pad_before + axis.pad_after;
    return reached > cut ? reached - cut : 0;
  };
  const Window window = window_of(adjoint);
  adjoint.height = out(window.h, conv.height, conv.output_padding.front());
  adjoint.width = out(window.w, conv.width, conv.output_padding.back());
  return adjoint;
}

}  // namespace lnsim
