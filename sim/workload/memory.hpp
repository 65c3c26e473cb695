// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/network.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// A tensor that the forward pass keeps for the backward pass.
struct SavedTensor {
  Tensor tensor;             ///< named after its producer; elements of one copy, for the whole batch
  std::uint64_t copies = 1;  ///< repeats of its block
};

/// What a training step keeps in DRAM, in elements; a scheme turns them into bytes by role.
struct MemoryFootprint {
  std::uint64_t weights = 0;             ///< trained, in the weight format; also the weight gradients' elements
  std::uint64_t parameters = 0;          ///< trained FP32 biases, scales and shifts
  std::uint64_t running_statistics = 0;  ///< FP32, of batch_norm
  std::uint64_t head_weights = 0;        ///< stored, not trained
  std::uint64_t head_parameters = 0;
  std::vector<SavedTensor> saved;  ///< each tensor once, however many layers read it back
  /// Most elements of activation gradients that exist at one time, and the largest single one.
  std::uint64_t peak_gradients = 0;
  Tensor largest_gradient;
  Tensor largest_weight;

  /// Saved elements of a role, copies included.
  [[nodiscard]] std::uint64_t saved_elements(Role role) const;
  /// Bits of the saved masks and indices, copies included.
  [[nodiscard]] std::uint64_t saved_bits() const;
};

/// Saved are: the input of conv2d, linear, norms and gelu, both operands of a matmul, the output of softmax, the mask
/// of relu, the index of max_pool, the ids of an embedding, the statistics of norms. Gradients live from their first
/// write to their producer's backward pass; an add passes its gradient on without a copy.
/// batch 0: the network's own. Throws InputError if sizes exceed 64 bits.
[[nodiscard]] MemoryFootprint memory_footprint(const Network& network, std::uint64_t batch);

}  // namespace lnsim
