// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "sim/support/describe.hpp"
#include "sim/workload/layer.hpp"

/// JSON fields of the layer types (sim/support/describe.hpp explains the form) and the rules over several of them.
namespace lnsim {

namespace limits {
/// Largest single size: products of two stay within 64 bits, products of more are checked.
inline constexpr double kSize = 2147483647;
inline constexpr double kPixels = 16777216;  ///< height or width
inline constexpr double kKernel = 65536;
inline constexpr double kStride = 256;  ///< an input gradient has a phase per stride step along each axis
inline constexpr Limits kRequiredSize = {.min = 1, .max = kSize, .required = true};
inline constexpr Limits kOptionalSize = {.min = 1, .max = kSize};
inline constexpr Limits kRequiredPixels = {.min = 1, .max = kPixels, .required = true, .unit = "pixels"};
inline constexpr Limits kOptionalPixels = {.min = 1, .max = kPixels, .unit = "pixels"};
inline constexpr Limits kKernels = {.min = 1, .max = kKernel, .required = true, .min_items = 1, .max_items = 2};
inline constexpr Limits kStrides = {.min = 1, .max = kStride, .min_items = 1, .max_items = 2};
inline constexpr Limits kDilations = {.min = 1, .max = kKernel, .min_items = 1, .max_items = 2};
inline constexpr Limits kPaddings = {.min = 0, .max = kKernel, .min_items = 1, .max_items = 4};
inline constexpr Limits kOutputPaddings = {.min = 0, .max = kStride - 1, .min_items = 1, .max_items = 2};
inline constexpr std::size_t kMostInputs = 256;
inline constexpr Limits kMoveInputs = {
    .min = 1, .max = kSize, .required = true, .min_items = 1, .max_items = kMostInputs};
inline constexpr Limits kShapes = {.min = 1, .max = kSize, .required = true, .min_items = 1, .max_items = 8};
}  // namespace limits

template <class V>
void describe(Conv2d& c, V& v) {
  v.field("in_channels", c.in_channels, limits::kRequiredSize, "input channels, all groups");
  v.field("out_channels", c.out_channels, limits::kRequiredSize, "output channels, all groups");
  v.field("height", c.height, limits::kRequiredPixels, "input height without padding");
  v.field("width", c.width, limits::kRequiredPixels, "input width without padding");
  v.values("kernel", c.kernel, limits::kKernels, "taps: [both] or [height, width]");
  v.values("stride", c.stride, limits::kStrides, "[both] or [height, width]");
  v.values("padding", c.padding, limits::kPaddings, "[all], [height, width] or [top, left, bottom, right]");
  v.values("dilation", c.dilation, limits::kDilations, "distance of taps: [both] or [height, width]");
  v.field("groups", c.groups, limits::kOptionalSize, "groups; in_channels of them: depthwise");
  v.field("bias", c.bias, "whether a bias per output channel is added");
}

template <class V>
void describe(Linear& l, V& v) {
  v.field("in_features", l.in_features, limits::kRequiredSize, "input width");
  v.field("out_features", l.out_features, limits::kRequiredSize, "output width");
  v.field("rows", l.rows, limits::kOptionalSize, "rows per sample: 1, or the tokens of a sequence");
  v.field("bias", l.bias, "whether a bias per output feature is added");
  v.field("tied_to", l.tied_to, "embedding layer whose table is this layer's weight; empty: a weight of its own");
}

inline constexpr std::array<std::pair<std::string_view, MatmulLayout>, 2> kMatmulLayouts = {
    {{"batch_first", MatmulLayout::kBatchFirst}, {"batch_inside", MatmulLayout::kBatchInside}}};

template <class V>
void describe(Matmul& m, V& v) {
  v.field("count", m.count, limits::kOptionalSize, "products per sample, such as attention heads");
  v.field("m", m.m, limits::kRequiredSize, "rows of a and of the result");
  v.field("n", m.n, limits::kRequiredSize, "columns of b and of the result");
  v.field("k", m.k, limits::kRequiredSize, "columns of a, rows of b");
  v.field("transpose_a", m.transpose_a, "whether a is stored as k x m");
  v.field("transpose_b", m.transpose_b, "whether b is stored as n x k");
  v.choice("a_layout", m.a_layout, kMatmulLayouts, "products one after the other, or side by side in each row");
  v.choice("b_layout", m.b_layout, kMatmulLayouts, "as a_layout");
  v.choice("out_layout", m.out_layout, kMatmulLayouts, "as a_layout");
}

template <class V>
void describe(Embedding& e, V& v) {
  v.field("vocabulary", e.vocabulary, limits::kRequiredSize, "rows of the table");
  v.field("width", e.width, limits::kRequiredSize, "columns of the table");
  v.field("tokens", e.tokens, limits::kRequiredSize, "ids per sample");
}

template <class V>
void describe(BatchNorm& b, V& v) {
  v.field("channels", b.channels, limits::kRequiredSize, "channels, each with a scale and a shift");
  v.field("height", b.height, limits::kOptionalPixels, "height of the tensor");
  v.field("width", b.width, limits::kOptionalPixels, "width of the tensor");
}

template <class V>
void describe(LayerNorm& l, V& v) {
  v.field("width", l.width, limits::kRequiredSize, "elements of a row, each with a scale and a shift");
  v.field("rows", l.rows, limits::kOptionalSize, "rows per sample");
}

template <class V>
void describe(Softmax& s, V& v) {
  v.field("width", s.width, limits::kRequiredSize, "elements of a row");
  v.field("rows", s.rows, limits::kOptionalSize, "rows per sample");
}

template <class V>
void describe(Relu& r, V& v) {
  v.values("shape", r.shape, limits::kShapes, "shape of a sample");
}

template <class V>
void describe(Gelu& g, V& v) {
  v.values("shape", g.shape, limits::kShapes, "shape of a sample");
}

template <class V>
void describe(Add& a, V& v) {
  v.values("shape", a.shape, limits::kShapes, "shape of a sample");
}

template <class V>
void describe(ConvTranspose2d& c, V& v) {
  v.field("in_channels", c.in_channels, limits::kRequiredSize, "input channels, all groups");
  v.field("out_channels", c.out_channels, limits::kRequiredSize, "output channels, all groups");
  v.field("height", c.height, limits::kRequiredPixels, "input height");
  v.field("width", c.width, limits::kRequiredPixels, "input width");
  v.values("kernel", c.kernel, limits::kKernels, "taps: [both] or [height, width]");
  v.values("stride", c.stride, limits::kStrides, "[both] or [height, width]");
  v.values("padding", c.padding, limits::kPaddings,
           "cut off the output: [all], [height, width] or [top, left, bottom, right]");
  v.values("output_padding", c.output_padding, limits::kOutputPaddings,
           "added to the output, less than the stride: [both] or [height, width]");
  v.values("dilation", c.dilation, limits::kDilations, "distance of taps: [both] or [height, width]");
  v.field("groups", c.groups, limits::kOptionalSize, "groups");
  v.field("bias", c.bias, "whether a bias per output channel is added");
}

inline constexpr std::array<std::pair<std::string_view, UnaryFunction>, 16> kUnaryFunctions = {
    {{"sigmoid", UnaryFunction::kSigmoid},
     {"tanh", UnaryFunction::kTanh},
     {"silu", UnaryFunction::kSilu},
     {"hard_sigmoid", UnaryFunction::kHardSigmoid},
     {"hard_swish", UnaryFunction::kHardSwish},
     {"clip", UnaryFunction::kClip},
     {"leaky_relu", UnaryFunction::kLeakyRelu},
     {"elu", UnaryFunction::kElu},
     {"abs", UnaryFunction::kAbs},
     {"exp", UnaryFunction::kExp},
     {"sqrt", UnaryFunction::kSqrt},
     {"square", UnaryFunction::kSquare},
     {"reciprocal", UnaryFunction::kReciprocal},
     {"scale", UnaryFunction::kScale},
     {"shift", UnaryFunction::kShift},
     {"scale_shift", UnaryFunction::kScaleShift}}};
inline constexpr std::array<std::pair<std::string_view, BinaryFunction>, 6> kBinaryFunctions = {
    {{"add", BinaryFunction::kAdd},
     {"subtract", BinaryFunction::kSubtract},
     {"multiply", BinaryFunction::kMultiply},
     {"divide", BinaryFunction::kDivide},
     {"maximum", BinaryFunction::kMaximum},
     {"minimum", BinaryFunction::kMinimum}}};
inline constexpr std::array<std::pair<std::string_view, ReduceFunction>, 3> kReduceFunctions = {
    {{"sum", ReduceFunction::kSum}, {"mean", ReduceFunction::kMean}, {"max", ReduceFunction::kMax}}};

template <class V>
void describe(Unary& u, V& v) {
  v.choice("function", u.function, kUnaryFunctions, {.required = true},
           "of each element; scale and shift are by constants");
  v.values("shape", u.shape, limits::kShapes, "shape of a sample");
}

template <class V>
void describe(Binary& b, V& v) {
  v.choice("function", b.function, kBinaryFunctions, {.required = true}, "of the elements of two inputs");
  v.values("shape", b.shape, limits::kShapes, "shape of a sample of the first input");
  v.field("second", b.second, {.min = 0, .max = limits::kSize}, "elements of the second input; 0: as the first");
}

template <class V>
void describe(Affine& a, V& v) {
  v.values("shape", a.shape, limits::kShapes, "shape of a sample");
  v.field("parameters", a.parameters, limits::kRequiredSize, "trained elements of the scale, and of the shift");
  v.field("scale", a.scale, "whether there is a scale");
  v.field("shift", a.shift, "whether there is a shift");
}

template <class V>
void describe(Move& m, V& v) {
  v.values("from", m.from, limits::kMoveInputs, "elements of each input");
  v.field("to", m.to, limits::kRequiredSize, "elements of the output");
}

template <class V>
void describe(Reduce& r, V& v) {
  v.choice("function", r.function, kReduceFunctions, {.required = true}, "that makes one element of several");
  v.field("in", r.in, limits::kRequiredSize, "elements of the input");
  v.field("out", r.out, limits::kRequiredSize, "elements of the output");
}

template <class V>
void describe(Pool& p, V& v) {
  v.field("channels", p.channels, limits::kRequiredSize, "channels");
  v.field("height", p.height, limits::kRequiredPixels, "input height without padding");
  v.field("width", p.width, limits::kRequiredPixels, "input width without padding");
  v.values("kernel", p.kernel, limits::kKernels, "window: [both] or [height, width]");
  v.values("stride", p.stride, limits::kStrides, "[both] or [height, width]");
  v.values("padding", p.padding, limits::kPaddings, "[all], [height, width] or [top, left, bottom, right]");
}

/// Padding lists of one, two or four values; kernels no larger than the padded input; groups that divide the channels.
void check(const Conv2d& conv, Problems& problems);
/// The same of the convolution that it transposes; an output of at least one pixel.
void check(const ConvTranspose2d& conv, Problems& problems);
/// A second input that divides the first; trained elements that divide the tensor, and a scale or a shift; an output
/// that divides the input.
void check(const Binary& binary, Problems& problems);
void check(const Affine& affine, Problems& problems);
void check(const Reduce& reduce, Problems& problems);
/// The same for windows, and padding smaller than the window, so that every window meets the input.
void check(const Pool& pool, Problems& problems);

}  // namespace lnsim
