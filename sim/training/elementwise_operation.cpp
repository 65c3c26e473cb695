// SPDX-License-Identifier: Apache-2.0
#include "sim/training/elementary.hpp"
#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kPiece = 1U << 13U;  // elements that a thread takes at a time

/// y = max(x, 0); the mask is that of the output.
class ReluOperation : public Operation {
 public:
  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run_pieces(x.size(), kPiece, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) output.real[i] = x[i] > 0.0 ? x[i] : 0.0;
    });
  }
  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] == nullptr) return;
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run_pieces(x.size(), kPiece, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) gradients[0]->real[i] = x[i] > 0.0 ? gradient.real[i] : 0.0;
    });
  }
};

/// y = x/2 (1 + tanh u), u = sqrt(2/pi) (x + 0.044715 x^3): the form of BERT and GPT, with the unit's tanh.
class GeluOperation : public Operation {
 public:
  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run_pieces(x.size(), kPiece, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) output.real[i] = 0.5 * x[i] * (1.0 + portable_tanh(inner(x[i])));
    });
  }
  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    if (gradients[0] == nullptr) return;
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run_pieces(x.size(), kPiece, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        const double t = portable_tanh(inner(x[i]));
        const double slope = kRoot * (1.0 + 3.0 * kCubic * (x[i] * x[i]));
        gradients[0]->real[i] = gradient.real[i] * (0.5 * (1.0 + t) + 0.5 * x[i] * (1.0 - t * t) * slope);
      }
    });
  }

 private:
  static constexpr double kRoot = 0.79788456080286535588;  // sqrt(2/pi)
  static constexpr double kCubic = 0.044715;
  static double inner(double x) { return kRoot * (x + kCubic * (x * x * x)); }
};

class AddOperation : public Operation {
 public:
  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    context.workers.run_pieces(output.real.size(), kPiece, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) output.real[i] = inputs[0]->real[i] + inputs[1]->real[i];
    });
  }
  void backward(std::span<const Values* const> /*inputs*/, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& /*context*/) override {
    for (Values* const to : gradients) {
      if (to != nullptr) to->real = gradient.real;
    }
  }
};

}  // namespace

std::unique_ptr<Operation> make_elementwise_operation(const ModelNode& node) {
  if (std::holds_alternative<Relu>(node.op)) return std::make_unique<ReluOperation>();
  if (std::holds_alternative<Gelu>(node.op)) return std::make_unique<GeluOperation>();
  return std::make_unique<AddOperation>();
}

}  // namespace lnsim::training
