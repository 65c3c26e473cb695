// SPDX-License-Identifier: Apache-2.0
#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

struct Make {
  const Model& model;
  const ModelNode& node;

  using Made = std::unique_ptr<Operation>;
  Made operator()(const Conv2d& /*op*/) const { return make_gemm_operation(model, node); }
  Made operator()(const Linear& /*op*/) const { return make_gemm_operation(model, node); }
  Made operator()(const Matmul& /*op*/) const { return make_gemm_operation(model, node); }
  Made operator()(const BatchNorm& /*op*/) const { return make_norm_operation(model, node); }
  Made operator()(const LayerNorm& /*op*/) const { return make_norm_operation(model, node); }
  Made operator()(const Softmax& op) const { return make_softmax_operation(op); }
  Made operator()(const Relu& /*op*/) const { return make_elementwise_operation(node); }
  Made operator()(const Gelu& /*op*/) const { return make_elementwise_operation(node); }
  Made operator()(const Add& /*op*/) const { return make_elementwise_operation(node); }
  Made operator()(const MaxPool& /*op*/) const { return make_pool_operation(model, node); }
  Made operator()(const AvgPool& /*op*/) const { return make_pool_operation(model, node); }
  template <class Other>
  Made operator()(const Other& /*op*/) const {
    return nullptr;  // refused by build_model
  }
};

}  // namespace

bool has_operation(const LayerOp& op) {
  return !std::holds_alternative<Embedding>(op) && !std::holds_alternative<ConvTranspose2d>(op) &&
         !std::holds_alternative<Unary>(op) && !std::holds_alternative<Binary>(op) &&
         !std::holds_alternative<Affine>(op) && !std::holds_alternative<Move>(op) &&
         !std::holds_alternative<Reduce>(op);
}

std::unique_ptr<Operation> make_operation(const Model& model, const ModelNode& node) {
  return std::visit(Make{model, node}, node.op);
}

}  // namespace lnsim::training
