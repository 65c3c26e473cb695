// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sim/workload/gemm_lowering.hpp"

namespace lnsim {
namespace {

/// A pass of the adjoint as one of the transposed convolution.
LayerPass renamed(LayerPass pass, PassKind kind, const char* first, Role first_role, const char* second,
                  Role second_role) {
  // Operands and output of the adjoint, without its weights.
  const std::size_t from = pass.tensors[0].role == Role::kWeight ? 1 : 0;
  pass.type = "conv_transpose2d";
  pass.kind = kind;
  pass.tensors[from].name = first;
  pass.tensors[from].role = first_role;
  pass.tensors[from + 1].name = second;
  pass.tensors[from + 1].role = second_role;
  return pass;
}

}  // namespace

LayerPass conv_transpose_forward(const ConvTranspose2d& conv, std::uint64_t batch) {
  LayerPass pass = renamed(conv_input_grad(adjoint_of(conv), batch), PassKind::kForward, "x", Role::kActivation, "y",
                           Role::kActivation);
  if (conv.bias) {
    pass.tensors.push_back({"bias", Role::kParameter, conv.out_channels});
    pass.bias_channels = conv.out_channels;
  }
  return pass;
}

LayerPass conv_transpose_input_grad(const ConvTranspose2d& conv, std::uint64_t batch) {
  return renamed(conv_forward(adjoint_of(conv), batch), PassKind::kInputGrad, "dy", Role::kGradient, "dx",
                 Role::kGradient);
}

LayerPass conv_transpose_weight_grad(const ConvTranspose2d& conv, std::uint64_t batch) {
  return renamed(conv_weight_grad(adjoint_of(conv), batch), PassKind::kWeightGrad, "x", Role::kActivation, "dy",
                 Role::kGradient);
}

}  // namespace lnsim
