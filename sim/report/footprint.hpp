// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/arch/scheme.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim::report {

/// Peak bytes that a training step keeps in DRAM, each group rounded up to bytes.
struct FootprintBytes {
  std::uint64_t weights = 0;           ///< forward copy, FP32 parameters and running statistics; the head's as well
  std::uint64_t optimizer = 0;         ///< states, and the copy that the optimizer updates (master or log-domain)
  std::uint64_t activations = 0;       ///< saved for the backward passes, with masks, indices and statistics
  std::uint64_t gradients = 0;         ///< of weights and parameters, and the most of activations at one time
  std::uint64_t weight_gradients = 0;  ///< part of `gradients`: of weights and parameters

  /// Sum of the four groups.
  [[nodiscard]] std::uint64_t total() const;
  /// Bytes that grow with the network and not with the batch: weights, optimizer, weight gradients.
  [[nodiscard]] std::uint64_t model_state() const;
};

/// With micro_batches > 1 weight gradients lie in the accumulation buffer, beside the largest one as it comes out of a
/// weight_grad pass. Throws OverflowError beyond 64 bits.
[[nodiscard]] FootprintBytes footprint_bytes(const FootprintElements& elements, const Scheme& scheme,
                                             const std::string& family, std::uint64_t micro_batches);

/// Chips whose memories together hold the footprint.
[[nodiscard]] std::uint64_t chips_needed(const FootprintBytes& bytes, std::uint64_t capacity_bytes);

/// What check_capacity needs to know beside the machine.
struct CapacityQuestion {
  const Scheme& scheme;
  const std::string& family;
  std::uint64_t batch;
  std::uint64_t micro_batches;
  std::uint64_t capacity_bytes;
  /// The elements at another batch.
  std::function<FootprintElements(std::uint64_t batch)> elements_at;
};

/// Throws InputError, naming the largest tensor and the largest batch that fits, if the footprint exceeds the memory.
void check_capacity(const CapacityQuestion& question);

}  // namespace lnsim::report
