// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/schedule/pass_plan.hpp"
#include "sim/workload/layer.hpp"

namespace lnsim::test {

/// One layer pass on one machine, small enough to be written down: what both engines get, before it is lowered.
struct PassCase {
  std::string about;            ///< where it comes from
  std::string scheme = "lns8";  ///< a shipped scheme
  bool two_pass = false;        ///< the scheme with two-pass scales: outputs leave raw and are requantised by a sweep
  std::string family = "cnn";   ///< decides the optimizer
  std::uint64_t clock_hz = 400000000;
  std::uint64_t batch = 1;
  std::uint64_t micro_batches = 1;
  std::string pass = "forward";  ///< a pass's name, "bias_grad" or "gradient_add"
  bool statistics = false;       ///< the PPU collects channel statistics; of a batch_norm: its producer's does
  std::uint64_t gradients = 2;   ///< gradient_add: gradients that meet
  LayerOp layer;
  MappingPin pin;
  Accelerator accelerator;
};

/// The lowered pass with all widths resolved. Throws InputError where the layer has no such pass.
[[nodiscard]] PassPlan plan_of(const PassCase& made);

/// A "lnsim.case/1" file: every parameter of the case, nothing lowered.
[[nodiscard]] Json write_case(const PassCase& made);
/// Throws InputError.
[[nodiscard]] PassCase read_case(const Document& document);

}  // namespace lnsim::test
