// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/training/elementary.hpp"
#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

/// Softmax of each row, with the row's maximum subtracted first; the backward pass reads the output alone.
class SoftmaxOperation : public Operation {
 public:
  explicit SoftmaxOperation(std::size_t width) : width_(width) {}

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    for_rows(x.size(), context, [&](std::size_t base) {
      const double max = *std::max_element(x.begin() + at(base), x.begin() + at(base + width_));
      double sum = 0.0;
      for (std::size_t i = base; i < base + width_; ++i) {
        output.real[i] = portable_exp_or_zero(x[i] - max);
        sum += output.real[i];
      }
      for (std::size_t i = base; i < base + width_; ++i) output.real[i] /= sum;
    });
  }

  void backward(std::span<const Values* const> /*inputs*/, const Values& output, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] == nullptr) return;
    const std::vector<double>& y = output.real;
    for_rows(y.size(), context, [&](std::size_t base) {
      double product = 0.0;
      for (std::size_t i = base; i < base + width_; ++i) product += y[i] * gradient.real[i];
      for (std::size_t i = base; i < base + width_; ++i) {
        gradients[0]->real[i] = y[i] * (gradient.real[i] - product);
      }
    });
  }

 private:
  static std::ptrdiff_t at(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

  template <class Row>
  void for_rows(std::size_t elements, OperationContext& context, const Row& row) const {
    constexpr std::size_t kRows = 64;  // that a thread takes at a time
    context.workers.run_pieces(elements / width_, kRows, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) row(i * width_);
    });
  }

  std::size_t width_;
};

}  // namespace

std::unique_ptr<Operation> make_softmax_operation(const Softmax& softmax) {
  return std::make_unique<SoftmaxOperation>(softmax.width);
}

}  // namespace lnsim::training
