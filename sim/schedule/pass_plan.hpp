// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/schedule/sweep_schedule.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// What resolves the passes of a network: machine, scheme, clock, how they map.
struct PlanContext {
  Accelerator accelerator;
  Scheme scheme;
  std::string family;  ///< of the network: decides the optimizer
  std::uint64_t clock_hz = 0;
  std::uint64_t micro_batches = 1;
  MappingRules rules;
  /// The accelerator as text, for PassPlan::timing_key; plan_pass() writes it where it is missing.
  std::shared_ptr<const std::string> machine_text;

  void write_machine_text();
};

/// One layer pass with all widths resolved: GEMMs for the PE array, then sweeps for the vector or the update unit.
struct PassPlan {
  LayerPass pass;
  PassConfig config;  ///< operand A is the M side of the GEMMs until they are mapped
  std::shared_ptr<const std::string> machine_text;
  MappingPin pin;
  std::vector<SweepWork> sweeps;
  PassFormats formats;
  numerics::FormatPtr format_m, format_n, format_out;  ///< of GEMM operands and outputs; null without GEMMs
  numerics::DotSpec dot_spec;  ///< of GEMMs, operands in the order m, n; not of block-scaled ones

  [[nodiscard]] std::string where() const;  ///< "layer2.0.conv1 input_grad", for messages
  /// Text that is equal for passes of equal timing: same work, same machine, same widths, same pins.
  [[nodiscard]] std::string timing_key() const;
};

[[nodiscard]] PassPlan plan_pass(const LayerPass& pass, const PlanContext& context);

/// Chooses the mapping of every GEMM of the pass (the largest first; all share its operand side and bank split) and
/// builds the schedule. Requires GEMMs. Throws InputError if one does not fit.
[[nodiscard]] GemmSchedule schedule_gemms(const PassPlan& plan, GemmSchedule::Form form = GemmSchedule::Form::kWhole);
/// Requires sweeps.
[[nodiscard]] SweepSchedule schedule_sweeps(const PassPlan& plan,
                                            SweepSchedule::Form form = SweepSchedule::Form::kWhole);

}  // namespace lnsim
