// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/network.hpp"
#include "sim/workload/pass.hpp"
#include "sim/workload/selection.hpp"

namespace lnsim {

/// What of an iteration is simulated.
struct LowerOptions {
  std::uint64_t batch = 0;          ///< samples per micro-batch; 0: the network's own
  std::uint64_t micro_batches = 1;  ///< forward and backward passes per update
  PassSelection passes;
  LayerSelection layers;
};

/// The passes of one training iteration in execution order: forward of all layers; backward of all layers in reverse
/// (per layer: sum of gradients if its output has several consumers, input gradient, weight gradient, bias gradient,
/// gradient accumulation); then the updates. `repeat` counts executions per iteration: the entry's repeat times, but
/// for updates, micro_batches. With micro_batches > 1 every micro-batch adds its weight gradients to the accumulation
/// buffer, which the update reads and clears.
/// Passes beside the layer's own are called "<layer>.bias" (type bias_grad), "<layer>.gradient_add" and
/// "<block>.input.gradient_add" (type gradient_add); a layer selection that has the layer has them.
/// Throws InputError if the sizes exceed 64 bits at this batch, or if a layer pattern matches nothing.
[[nodiscard]] std::vector<LayerPass> lower(const Network& network, const LowerOptions& options = {});

}  // namespace lnsim
