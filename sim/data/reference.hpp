// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/data/panels.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// The results that the machine must reach, bit by bit: from the workload's tensors through numerics::gemm, whatever
/// the machine moved. Every sum runs over ascending k in groups of V, chunks ending where the unit's chunk length says.
/// In all functions `unit` has the formats of gemm operands a and b, in this order, and a padded element is code 0.
struct ReferenceOptions {
  bool scalar = false;                    ///< numerics' scalar reference instead of its kernels
  std::size_t panel_bytes = kPanelBytes;  ///< per operand
};

/// Some outputs of a GEMM: psums[n - n_begin][m - m_begin].
struct ReferencePanel {
  std::uint64_t m_begin = 0;
  std::uint64_t n_begin = 0;
  std::size_t m_count = 0;
  std::size_t n_count = 0;
  const numerics::Psum* psums = nullptr;
};

/// Visits every output of one batch index once, in bounded memory. Returns the saturating accumulator updates.
std::uint64_t reference_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                               const numerics::DotUnit& unit, std::uint64_t batch_index,
                               const std::function<void(const ReferencePanel&)>& visit,
                               const ReferenceOptions& options = {});

/// All outputs of one batch index, [n][m]: gemm.m * gemm.n psums at once.
[[nodiscard]] std::vector<numerics::Psum> reference_outputs(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                                                            const numerics::DotUnit& unit, std::uint64_t batch_index,
                                                            const ReferenceOptions& options = {});

struct ReferenceCounts {
  std::uint64_t saturations = 0;  ///< of accumulators
  std::uint64_t clipped = 0;      ///< output codes that became the largest magnitude

  ReferenceCounts& operator+=(const ReferenceCounts& other) {
    saturations += other.saturations;
    clipped += other.clipped;
    return *this;
  }
};

/// Requantises every output of every batch index into its place in `out`, with out's format and scale (no bias is
/// added: psums alone). Elements that the GEMM does not reach are left as they are.
ReferenceCounts reference_codes(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                                const numerics::DotUnit& unit, CodeTensor& out, const ReferenceOptions& options = {});

/// All GEMMs of a pass. `tensors` follows LayerPass::tensors; inputs are read, outputs (made by zeros(), so that zero
/// fills are right) are written. One unit serves them: GEMMs of a pass differ in shape only.
ReferenceCounts reference_codes(const LayerPass& pass, std::span<CodeTensor> tensors, const numerics::DotUnit& unit,
                                const ReferenceOptions& options = {});

}  // namespace lnsim
