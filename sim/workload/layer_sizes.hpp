// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/layer.hpp"

namespace lnsim {

/// Elements of a layer's tensors. Activations are per sample.
struct LayerSizes {
  std::vector<std::uint64_t> inputs;  ///< none: embedding
  std::uint64_t output = 0;
  std::uint64_t weights = 0;             ///< in the scheme's weight format; 0 in a linear layer tied to an embedding
  std::uint64_t parameters = 0;          ///< FP32 biases, scales and shifts
  std::uint64_t running_statistics = 0;  ///< batch_norm's running mean and variance: stored, not trained
  std::uint64_t macs = 0;                ///< useful MACs of the forward pass
};

/// Throws OverflowError if a product exceeds 64 bits.
[[nodiscard]] LayerSizes sizes_of(const LayerOp& op);

/// Whether the layer has something to train (a tied weight counts): its output then carries a gradient.
[[nodiscard]] bool is_trained(const LayerOp& op);

/// Product of the list; throws OverflowError.
[[nodiscard]] std::uint64_t product(const Sizes& shape);

/// No tensor may hold more elements: at 64 bits each, bit counts stay below 2^63.
inline constexpr std::uint64_t kMaxTensorElements = 1ULL << 56;

}  // namespace lnsim
