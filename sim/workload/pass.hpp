// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lnsim {

/// What a tensor is to a training step; the scheme gives each role its number format.
enum class Role : std::uint8_t {
  kWeight,          ///< forward copy of the weights
  kActivation,      ///< layer inputs and outputs, saved tensors
  kGradient,        ///< gradients of activations
  kWeightGradient,  ///< gradients of weights, as a weight_grad pass writes them
  kParameter,       ///< norm scales and shifts, biases: FP32 in every scheme, with their gradients and statistics
  kMask,            ///< 1 bit per element (relu)
  kIndex,           ///< explicit bits per element (max_pool argmax, token ids)
};
[[nodiscard]] std::string_view role_name(Role role);

/// The passes of one layer, in the names of the command line and of report.json.
enum class PassKind : std::uint8_t {
  kForward,
  kInputGrad,
  kInputGradA,  ///< matmul: gradient of the first operand
  kInputGradB,  ///< matmul: gradient of the second operand
  kWeightGrad,
  kGradientAccumulate,  ///< micro-batches > 1: weight gradient added into the accumulation buffer
  kUpdate,
};
[[nodiscard]] std::string_view pass_name(PassKind kind);

/// A tensor in DRAM: NHWC (or row-major), packed to the bit, burst-aligned start.
struct Tensor {
  std::string name;
  Role role = Role::kActivation;
  std::uint64_t elements = 0;
  unsigned index_bits = 0;  ///< bits per element where role is kIndex

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// One digit of a mixed-radix index. A step of the digit moves the element by `offset` and, for tensors with spatial
/// bounds, the pixel by (dh, dw).
struct Digit {
  std::uint64_t extent = 1;
  std::int64_t offset = 0;
  std::int64_t dh = 0;
  std::int64_t dw = 0;

  friend bool operator==(const Digit&, const Digit&) = default;
};

/// How rows x k elements of a GEMM operand lie in a tensor, without materialising them (implicit lowering).
/// Digits are listed slowest first; the products of their extents are the operand's rows and k.
/// Element = base + sum(digit * offset) + h * h_stride + w * w_stride, where h = h0 + sum(digit * dh) and w likewise;
/// a pixel outside [0, height) x [0, width) is padding (a zero code, never stored nor moved from DRAM).
struct OperandView {
  std::size_t tensor = 0;  ///< index into LayerPass::tensors
  std::vector<Digit> rows;
  std::vector<Digit> ks;
  std::int64_t base = 0;
  bool spatial = false;  ///< whether the h/w fields apply
  std::int64_t h0 = 0;
  std::int64_t w0 = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t h_stride = 0;
  std::int64_t w_stride = 0;

  [[nodiscard]] std::uint64_t row_count() const;
  [[nodiscard]] std::uint64_t k_count() const;
  /// True if neighbouring k lie side by side in memory (a step of the fastest digit of ks with extent > 1 moves by one
  /// element); otherwise reads of k vectors pass the transposer.
  [[nodiscard]] bool k_contiguous() const;
  /// Element index in the tensor, or nullopt for padding.
  [[nodiscard]] std::optional<std::uint64_t> element(std::uint64_t row, std::uint64_t k) const;

  friend bool operator==(const OperandView&, const OperandView&) = default;
};

/// Where output (m, n) of a GEMM lies: element = base + digits of m + digits of n. Never padding, each element once.
struct OutputView {
  std::size_t tensor = 0;
  std::vector<Digit> ms;  ///< slowest first; dh, dw unused
  std::vector<Digit> ns;
  std::int64_t base = 0;
  [[nodiscard]] std::uint64_t element(std::uint64_t m, std::uint64_t n) const;

  friend bool operator==(const OutputView&, const OutputView&) = default;
};

/// One digit of a batch of GEMMs of equal shape (groups of a convolution, batch and heads of a matmul): element offsets
/// that a step adds to each operand and to the output.
struct BatchDigit {
  std::uint64_t extent = 1;
  std::int64_t a_offset = 0;
  std::int64_t b_offset = 0;
  std::int64_t out_offset = 0;

  friend bool operator==(const BatchDigit&, const BatchDigit&) = default;
};

/// out[m][n] = sum over k of a[m][k] * b[n][k], for each index of the batch.
struct Gemm {
  std::uint64_t m = 0;
  std::uint64_t n = 0;
  std::uint64_t k = 0;
  OperandView a;  ///< rows = m
  OperandView b;  ///< rows = n
  OutputView out;
  std::vector<BatchDigit> batch;  ///< slowest first; empty: one GEMM

  [[nodiscard]] std::uint64_t count() const;  ///< product of the batch extents
  /// Useful MACs of all `count()` GEMMs; throws OverflowError if it exceeds 64 bits.
  [[nodiscard]] std::uint64_t macs() const;

  friend bool operator==(const Gemm&, const Gemm&) = default;
};

/// Elementary operations of the vector unit, in its BF16 arithmetic; each has a price.
enum class VectorOp : std::uint8_t { kAdd, kMultiply, kCompare, kExp, kReciprocal, kRsqrt, kTanh, kCount };
[[nodiscard]] std::string_view vector_op_name(VectorOp op);

/// One tensor that a sweep reads or writes.
struct StreamUse {
  std::size_t tensor = 0;
  std::uint64_t elements = 0;  ///< elements moved; 0 is not allowed

  friend bool operator==(const StreamUse&, const StreamUse&) = default;
};

/// One walk of the vector unit over a tensor: reads streams, does the operations per element, writes streams.
struct Sweep {
  std::string name;                ///< "statistics", "normalise", "forward", ...
  std::uint64_t elements = 0;      ///< elements processed by the vector unit
  std::uint64_t row_elements = 0;  ///< > 0: a reduction over rows of this length (layer_norm, softmax)
  unsigned buffer_passes = 1;      ///< times the unit walks each row; > 1 needs the row in the buffer, else DRAM again
  std::vector<StreamUse> reads;
  std::vector<StreamUse> writes;
  std::vector<std::pair<VectorOp, std::uint64_t>> ops;  ///< operation and its total count
  /// Statistics sweeps are skipped where the producer's PPU holds the channel statistics.
  bool fused_if_producer_holds_channels = false;
  std::uint64_t channels = 0;

  friend bool operator==(const Sweep&, const Sweep&) = default;
};

/// One pass of one layer: GEMMs (phases of a strided input gradient are several), or sweeps, or an update of weights.
struct LayerPass {
  std::string layer;
  std::string type;  ///< layer type: "conv2d", ...
  PassKind kind = PassKind::kForward;
  std::uint64_t repeat = 1;
  std::vector<Tensor> tensors;
  std::vector<Gemm> gemms;
  std::vector<Sweep> sweeps;
  /// Elements of the output that no GEMM writes and that are written as zeros (input_grad phases without taps).
  std::vector<StreamUse> zero_fills;
  std::uint64_t update_elements = 0;     ///< kUpdate, kGradientAccumulate: weights of the scheme's weight format
  std::uint64_t parameter_elements = 0;  ///< kUpdate, kGradientAccumulate: FP32 norm and bias parameters
  /// forward GEMM passes: channels whose sum and square sum the PPU collects for a following batch_norm (0: none).
  std::uint64_t statistics_channels = 0;
  /// forward GEMM passes: FP32 bias elements that the PPU adds, read once from DRAM (0: none).
  std::uint64_t bias_channels = 0;

  /// Equal work under any name: everything but `layer` and `repeat` is equal, so that results may be shared.
  [[nodiscard]] bool same_work(const LayerPass& other) const;
  [[nodiscard]] std::uint64_t macs() const;  ///< useful MACs of one execution; throws OverflowError

  friend bool operator==(const LayerPass&, const LayerPass&) = default;
};

}  // namespace lnsim
