// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lnsim {

/// Sizes along height and width; one value serves both.
using Sizes = std::vector<std::uint64_t>;

/// Convolution over NHWC activations with K R S C weights. `padding` is {all}, {height, width} or
/// {top, left, bottom, right}.
struct Conv2d {
  std::uint64_t in_channels = 1;
  std::uint64_t out_channels = 1;
  std::uint64_t height = 1;  ///< of the input, without padding
  std::uint64_t width = 1;
  Sizes kernel{1};
  Sizes stride{1};
  Sizes padding{0};
  Sizes dilation{1};
  std::uint64_t groups = 1;
  bool bias = false;
};

/// Transposed convolution: the input gradient of a convolution, run forward (Dumoulin and Visin 2016, arXiv:1603.07285,
/// section 4). Its weights are those of that convolution, in_channels filters of out_channels / groups.
struct ConvTranspose2d {
  std::uint64_t in_channels = 1;
  std::uint64_t out_channels = 1;
  std::uint64_t height = 1;  ///< of the input
  std::uint64_t width = 1;
  Sizes kernel{1};
  Sizes stride{1};
  Sizes padding{0};         ///< cut off the output
  Sizes output_padding{0};  ///< rows and columns added at the bottom and right of the output; less than the stride
  Sizes dilation{1};
  std::uint64_t groups = 1;
  bool bias = false;
};

/// y = x * transposed weight (+ bias) on `rows` rows per sample (1, or the tokens of a sequence).
struct Linear {
  std::uint64_t in_features = 1;
  std::uint64_t out_features = 1;
  std::uint64_t rows = 1;
  bool bias = false;
  std::string tied_to;  ///< embedding whose table is the weight: stored, counted and updated there; empty: own weight
};

/// Where the matmuls of a sample lie: one after the other, or side by side in each row (heads of attention).
enum class MatmulLayout : std::uint8_t { kBatchFirst, kBatchInside };

/// `count` products per sample, out[m][n] = sum over k of a[m][k] * b[k][n]; both operands are activations.
/// A transposed operand is stored as k x m (a) or n x k (b).
struct Matmul {
  std::uint64_t count = 1;
  std::uint64_t m = 1;
  std::uint64_t n = 1;
  std::uint64_t k = 1;
  bool transpose_a = false;
  bool transpose_b = false;
  MatmulLayout a_layout = MatmulLayout::kBatchFirst;
  MatmulLayout b_layout = MatmulLayout::kBatchFirst;
  MatmulLayout out_layout = MatmulLayout::kBatchFirst;
};

/// Table look-up of `tokens` ids per sample.
struct Embedding {
  std::uint64_t vocabulary = 1;
  std::uint64_t width = 1;
  std::uint64_t tokens = 1;
};

/// Normalisation per channel over the batch; scale and shift per channel.
struct BatchNorm {
  std::uint64_t channels = 1;
  std::uint64_t height = 1;
  std::uint64_t width = 1;
};

/// Normalisation of each of `rows` rows per sample; scale and shift per column.
struct LayerNorm {
  std::uint64_t width = 1;
  std::uint64_t rows = 1;
};

/// Softmax of each of `rows` rows per sample.
struct Softmax {
  std::uint64_t width = 1;
  std::uint64_t rows = 1;
};

/// Elementwise operations on a tensor of this shape per sample.
struct Relu {
  Sizes shape{1};
};
struct Gelu {
  Sizes shape{1};
};
/// Sum of the layer's two inputs.
struct Add {
  Sizes shape{1};
};

/// A function of each element. A clip has two bounds; scale, shift and scale_shift are by constants that are not
/// trained.
enum class UnaryFunction : std::uint8_t {
  kSigmoid,
  kTanh,
  kSilu,
  kHardSigmoid,
  kHardSwish,
  kClip,
  kLeakyRelu,
  kElu,
  kAbs,
  kExp,
  kSqrt,
  kSquare,
  kReciprocal,
  kScale,
  kShift,
  kScaleShift
};
struct Unary {
  UnaryFunction function = UnaryFunction::kSigmoid;
  Sizes shape{1};
};

/// A function of the elements of two inputs, of which the second may be broadcast: fewer elements, each used again.
enum class BinaryFunction : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum };
struct Binary {
  BinaryFunction function = BinaryFunction::kMultiply;
  Sizes shape{1};
  std::uint64_t second = 0;  ///< elements of the second input; 0: as the first
};

/// y = scale x + shift with trained scale, shift or both, of `parameters` elements each, which are broadcast.
struct Affine {
  Sizes shape{1};
  std::uint64_t parameters = 1;
  bool scale = true;
  bool shift = true;
};

/// Elements from one place to another: a transposition, slice, concatenation, repetition or padding.
struct Move {
  std::vector<std::uint64_t> from{1};  ///< elements of each input
  std::uint64_t to = 1;                ///< elements of the output
};

/// One number from each in / out elements.
enum class ReduceFunction : std::uint8_t { kSum, kMean, kMax };
struct Reduce {
  ReduceFunction function = ReduceFunction::kMean;
  std::uint64_t in = 1;
  std::uint64_t out = 1;
};

/// Window and channels of a pooling layer; padding as in Conv2d.
struct Pool {
  std::uint64_t channels = 1;
  std::uint64_t height = 1;
  std::uint64_t width = 1;
  Sizes kernel{1};
  Sizes stride{1};
  Sizes padding{0};
};
struct MaxPool : Pool {};
struct AvgPool : Pool {};

using LayerOp = std::variant<Conv2d, Linear, Matmul, Embedding, BatchNorm, LayerNorm, Softmax, Relu, Gelu, MaxPool,
                             AvgPool, Add, ConvTranspose2d, Unary, Binary, Affine, Move, Reduce>;

/// "conv2d", "linear", ...: the layer type's name in files and reports.
[[nodiscard]] std::string_view type_name(const LayerOp& op);

/// The name of a function in files and reports.
[[nodiscard]] std::string_view function_name(UnaryFunction function);
[[nodiscard]] std::string_view function_name(BinaryFunction function);
[[nodiscard]] std::string_view function_name(ReduceFunction function);

/// One axis of a sliding window, in plain numbers.
struct WindowAxis {
  std::uint64_t in = 1;
  std::uint64_t kernel = 1;
  std::uint64_t stride = 1;
  std::uint64_t dilation = 1;
  std::uint64_t pad_before = 0;
  std::uint64_t pad_after = 0;

  /// Input positions that a window spans.
  [[nodiscard]] std::uint64_t span() const { return (kernel - 1) * dilation + 1; }
  /// Number of windows; 0 if the kernel is larger than the padded input.
  [[nodiscard]] std::uint64_t out() const {
    const std::uint64_t padded = in + pad_before + pad_after;
    return padded < span() ? 0 : (padded - span()) / stride + 1;
  }
  /// Pairs of a window and a kernel tap that meet an input position instead of padding.
  [[nodiscard]] std::uint64_t valid_taps() const;
  /// Pairs of an input position and a tap that an input gradient multiplies: taps that meet the position modulo the
  /// stride, whether or not the window is there.
  [[nodiscard]] std::uint64_t phase_taps() const;
  /// Input positions that at least one window meets; for windows without dilation.
  [[nodiscard]] std::uint64_t covered() const;
};

/// Both axes of a convolution or a pooling layer.
struct Window {
  WindowAxis h;
  WindowAxis w;
};
[[nodiscard]] Window window_of(const Conv2d& conv);
[[nodiscard]] Window window_of(const Pool& pool);

/// The convolution whose input gradient a transposed convolution computes: from its output to its input. Without bias.
[[nodiscard]] Conv2d adjoint_of(const ConvTranspose2d& conv);

}  // namespace lnsim
