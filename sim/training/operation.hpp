// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sim/training/arithmetic.hpp"
#include "sim/training/model.hpp"
#include "sim/training/workers.hpp"

namespace lnsim::training {

/// What an operation needs beside its tensors.
struct OperationContext {
  Arithmetic& arithmetic;
  Workers& workers;
  bool training = true;
  std::span<Values> parameters;                        ///< of the model; running statistics are written while training
  std::span<std::vector<double>> parameter_gradients;  ///< of the model; backward() fills those of the layer
};

/// One layer of a model: its mathematics on real values, in binary64, and its GEMMs through the arithmetic. Rounding of
/// what it writes is left to the caller. backward() belongs to the forward() before it. NHWC.
class Operation {
 public:
  virtual ~Operation() = default;

  /// Writes output.real (sized by the caller, its content undefined).
  virtual void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) = 0;
  /// Writes gradients[i]->real (sized, zeros) for each input that wants one (others are null), and the gradients of the
  /// layer's parameters.
  virtual void backward(std::span<const Values* const> inputs, const Values& output, const Values& gradient,
                        std::span<Values* const> gradients, OperationContext& context) = 0;
};

/// Whether layers of this kind have an operation.
[[nodiscard]] bool has_operation(const LayerOp& op);
/// The operation of a node. The model must outlive it.
[[nodiscard]] std::unique_ptr<Operation> make_operation(const Model& model, const ModelNode& node);

// By kind of layer; each file has one.
[[nodiscard]] std::unique_ptr<Operation> make_gemm_operation(const Model& model, const ModelNode& node);
[[nodiscard]] std::unique_ptr<Operation> make_elementwise_operation(const ModelNode& node);
[[nodiscard]] std::unique_ptr<Operation> make_norm_operation(const Model& model, const ModelNode& node);
[[nodiscard]] std::unique_ptr<Operation> make_softmax_operation(const Softmax& softmax);
[[nodiscard]] std::unique_ptr<Operation> make_pool_operation(const Model& model, const ModelNode& node);

}  // namespace lnsim::training
