// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "sim/schedule/pass_plan.hpp"
#include "sim/systemc/faults.hpp"
#include "sim/systemc/machine.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::systemc {

/// A run that moves real operand codes.
struct DataOptions {
  std::uint64_t seed = 1;
  /// Folder with NumPy files "<layer>.<tensor>.npy"; tensors without a file are synthetic.
  std::optional<std::filesystem::path> tensors;
  /// Scale of the outputs relative to the largest magnitude of the sampled binary64 reference; below 1 codes clip.
  double headroom = 1.0;
  /// Compare with reference_codes() over the whole pass after the run, instead of with the Checker during it.
  bool full_reference = false;
  /// full_reference with numerics' scalar reference code instead of its kernels.
  bool scalar_reference = false;
  FaultInjector* faults = nullptr;  ///< tests only
};

/// What a run with data found beside its trace.
struct DataSummary {
  std::uint64_t outputs = 0;      ///< codes compared, all equal
  std::uint64_t saturations = 0;  ///< accumulator updates that saturated
  std::uint64_t clipped = 0;      ///< output codes that were clipped
  DataActivity activity{};
  std::uint64_t evaluated = 0;   ///< tiles that the checker had to evaluate itself: 0 in a run without faults
  double machine_seconds = 0.0;  ///< wall time without making the tensors; not for reports
};

/// simulate_pass with real codes: every output of every GEMM is compared with the numerics library, whose operands come
/// from the pass's tensors. Throws SimulationError naming layer, pass and index at the first difference, and InputError
/// for tensor files that cannot be used or a scheme whose scales need a second pass. Sweeps move counts only.
[[nodiscard]] TraceEntry simulate_pass_with_data(const PassPlan& plan, const DataOptions& options,
                                                 const ProgressCallback& progress = {}, DataSummary* summary = nullptr);

}  // namespace lnsim::systemc
