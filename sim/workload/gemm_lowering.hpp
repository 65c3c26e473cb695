// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/layer.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// Lowering of one layer to the GEMMs of one pass (design.md section 3), for a whole batch. The returned passes have
/// type, kind, tensors, gemms and zero_fills; name and repeat are left to the caller. Sizes must have been checked.
/// Tensors are called "weight", "x", "y", "dy", "dx", "weight_gradient", "bias" ("a", "b", "da", "db" in matmul).
///
/// forward: M = K_out, N = (batch, p, q), K = (r, s, c), c fastest; one GEMM per group.
[[nodiscard]] LayerPass conv_forward(const Conv2d& conv, std::uint64_t batch);
/// M = C, N = (batch, h, w) and K = (taps, k_out) of each of stride_h * stride_w phases: the input positions that are
/// equal modulo the stride meet the same taps. A phase without taps becomes a zero fill.
[[nodiscard]] LayerPass conv_input_grad(const Conv2d& conv, std::uint64_t batch);
/// M = K_out, N = (r, s, c), K = (batch, p, q).
[[nodiscard]] LayerPass conv_weight_grad(const Conv2d& conv, std::uint64_t batch);

/// The passes of a transposed convolution are those of its adjoint, with other names and roles: its forward is an input
/// gradient, its input_grad a forward, and in its weight_grad x and dy are exchanged (M = C_in).
[[nodiscard]] LayerPass conv_transpose_forward(const ConvTranspose2d& conv, std::uint64_t batch);
[[nodiscard]] LayerPass conv_transpose_input_grad(const ConvTranspose2d& conv, std::uint64_t batch);
[[nodiscard]] LayerPass conv_transpose_weight_grad(const ConvTranspose2d& conv, std::uint64_t batch);

/// A linear layer is a 1 x 1 convolution on batch * rows pixels.
[[nodiscard]] LayerPass linear_forward(const Linear& linear, std::uint64_t batch);
[[nodiscard]] LayerPass linear_input_grad(const Linear& linear, std::uint64_t batch);
[[nodiscard]] LayerPass linear_weight_grad(const Linear& linear, std::uint64_t batch);

/// M = m, N = n, K = k; batch digits (batch, count).
[[nodiscard]] LayerPass matmul_forward(const Matmul& matmul, std::uint64_t batch);
/// Gradient of a: M = m, N = k, K = n.
[[nodiscard]] LayerPass matmul_input_grad_a(const Matmul& matmul, std::uint64_t batch);
/// Gradient of b: M = k, N = n, K = m.
[[nodiscard]] LayerPass matmul_input_grad_b(const Matmul& matmul, std::uint64_t batch);

}  // namespace lnsim
