// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/training/arithmetic.hpp"
#include "sim/training/model.hpp"
#include "sim/training/operation.hpp"
#include "sim/training/workers.hpp"

namespace lnsim::training {

/// Forward and backward passes of a model on one batch. Every tensor that a layer writes is rounded to the format of
/// its role, as it would lie in the machine's DRAM: outputs as activations, input gradients as gradients, the sum of
/// several gradients once more. Weight gradients are rounded, gradients of parameters become FP32.
class NetworkRun {
 public:
  /// `parameters`: values of the model's parameters, kept by the caller. All must outlive the run.
  NetworkRun(const Model& model, Arithmetic& arithmetic, Workers& workers, std::vector<Values>& parameters);

  /// The outputs of the last layer for the samples of a batch, side by side. Throws NotFinite.
  [[nodiscard]] const Values& forward(std::span<const double> samples, bool training);

  /// From the gradient of the loss by the outputs; after forward(samples, true). Throws NotFinite.
  void backward(std::span<const double> output_gradient);

  /// Of parameter i, after backward().
  [[nodiscard]] const std::vector<double>& gradient(std::size_t i) const { return parameter_gradients_[i]; }

 private:
  /// The gradient of a tensor while it gathers: that of its only consumer, or the sum of several.
  struct Gathered {
    Values values;
    unsigned parts = 0;
  };

  void gather(std::size_t tensor, Values&& gradient);
  void backward_node(std::size_t n);
  [[nodiscard]] OperationContext context(bool training);

  const Model& model_;
  Arithmetic& arithmetic_;
  Workers& workers_;
  std::vector<Values>& parameters_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<Values> tensors_;
  std::vector<Gathered> gradients_;
  std::vector<std::vector<double>> parameter_gradients_;
};

}  // namespace lnsim::training
