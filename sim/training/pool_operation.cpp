// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

/// Walks the windows of a pooling layer, sample by sample.
class PoolOperation : public Operation {
 public:
  PoolOperation(const Pool& pool, std::uint64_t batch, std::size_t outputs)
      : window_(window_of(pool)), channels_(pool.channels), batch_(batch), outputs_(outputs) {}

 protected:
  /// Calls tap(output element, input element) for each position of each window of a sample that is not padding.
  template <class Tap>
  void for_taps(std::uint64_t sample, const Tap& tap) const {
    const WindowAxis& h = window_.h;
    const WindowAxis& w = window_.w;
    for (std::uint64_t p = 0; p < h.out(); ++p) {
      for (std::uint64_t q = 0; q < w.out(); ++q) {
        const std::size_t out = ((sample * h.out() + p) * w.out() + q) * channels_;
        for (std::uint64_t r = 0; r < h.kernel; ++r) {
          for (std::uint64_t s = 0; s < w.kernel; ++s) {
            // Padding wraps around and is beyond the size too.
            const std::uint64_t y = p * h.stride + r * h.dilation - h.pad_before;
            const std::uint64_t x = q * w.stride + s * w.dilation - w.pad_before;
            if (y >= h.in || x >= w.in) continue;
            const std::size_t in = ((sample * h.in + y) * w.in + x) * channels_;
            for (std::size_t c = 0; c < channels_; ++c) tap(out + c, in + c);
          }
        }
      }
    }
  }

  Window window_;
  std::size_t channels_;
  std::uint64_t batch_;
  std::size_t outputs_;
};

/// The largest value of each window; of equal ones the first in memory. A window in the padding alone gives 0.
class MaxPoolOperation : public PoolOperation {
 public:
  using PoolOperation::PoolOperation;

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    from_.assign(outputs_, kNone);
    context.workers.run(batch_, [&](std::size_t sample) {
      for_taps(sample, [&](std::size_t out, std::size_t in) {
        if (from_[out] == kNone || x[in] > x[from_[out]]) from_[out] = in;
      });
    });
    for (std::size_t i = 0; i < outputs_; ++i) output.real[i] = from_[i] == kNone ? 0.0 : x[from_[i]];
  }

  void backward(std::span<const Values* const> /*inputs*/, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& /*context*/) override {
    if (gradients[0] == nullptr) return;
    for (std::size_t i = 0; i < outputs_; ++i) {
      if (from_[i] != kNone) gradients[0]->real[from_[i]] += gradient.real[i];
    }
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> from_;
};

/// The mean of each window, padding counted as zeros.
class AvgPoolOperation : public PoolOperation {
 public:
  using PoolOperation::PoolOperation;

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    output.real.assign(outputs_, 0.0);
    context.workers.run(batch_, [&](std::size_t sample) {
      for_taps(sample, [&](std::size_t out, std::size_t in) { output.real[out] += x[in]; });
    });
    for (double& value : output.real) value /= taps();
  }

  void backward(std::span<const Values* const> /*inputs*/, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] == nullptr) return;
    context.workers.run(batch_, [&](std::size_t sample) {
      for_taps(sample, [&](std::size_t out, std::size_t in) { gradients[0]->real[in] += gradient.real[out] / taps(); });
    });
  }

 private:
  [[nodiscard]] double taps() const { return static_cast<double>(window_.h.kernel * window_.w.kernel); }
};

}  // namespace

std::unique_ptr<Operation> make_pool_operation(const Model& model, const ModelNode& node) {
  const std::size_t outputs = model.tensors[node.output].elements;
  if (const auto* pool = std::get_if<MaxPool>(&node.op)) {
    return std::make_unique<MaxPoolOperation>(*pool, model.batch, outputs);
  }
  return std::make_unique<AvgPoolOperation>(std::get<AvgPool>(node.op), model.batch, outputs);
}

}  // namespace lnsim::training
