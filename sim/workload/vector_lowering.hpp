// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/workload/layer.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// What the caller knows about the place of a vector operation in its network.
struct VectorContext {
  bool statistics_fused = false;  ///< batch_norm: the producer's PPU collects the channel statistics
  bool table_zeroed = false;      ///< embedding: a tied layer writes the table's gradient before
  bool first_gradient = true;     ///< binary: which inputs get a gradient
  bool second_gradient = true;
};

/// The sweeps of a vector operation or embedding in one pass, for a whole batch, by vector_cost_table(); nothing if the
/// layer has no work in that pass (the gradient of an add, a GEMM layer). Name and repeat are left to the caller.
[[nodiscard]] std::optional<LayerPass> vector_pass(const LayerOp& op, PassKind kind, std::uint64_t batch,
                                                   const VectorContext& context);

/// What the backward passes of a layer read of its forward tensors.
struct SavedForBackward {
  bool inputs = false;
  bool output = false;
};
[[nodiscard]] SavedForBackward saved_for_backward(const LayerOp& op);

/// Whether the gradient of the inputs is that of the output, passed on without a copy (add; a trained shift).
[[nodiscard]] bool passes_gradient_on(const LayerOp& op);

/// Sum of the output gradient per channel: `rows` rows of `channels` elements.
[[nodiscard]] LayerPass bias_gradient_pass(std::uint64_t rows, std::uint64_t channels);

/// Sum of `gradients` gradients of a tensor with several consumers.
[[nodiscard]] LayerPass gradient_add_pass(std::uint64_t elements, std::uint64_t gradients);

}  // namespace lnsim
