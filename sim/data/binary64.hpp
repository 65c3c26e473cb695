// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/data/panels.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// Some outputs of a GEMM in binary64: values[n - n_begin][m - m_begin], rows `stride` apart.
struct Binary64Panel {
  std::uint64_t m_begin = 0;
  std::uint64_t n_begin = 0;
  std::size_t m_count = 0;
  std::size_t n_count = 0;
  std::size_t stride = 0;
  const double* values = nullptr;
};

/// Outputs of one batch index on the decoded codes, each summed over ascending k in binary64 (scales multiplied in at
/// the end), in bounded memory. The sums do not depend on panel_bytes.
void binary64_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, std::uint64_t batch_index,
                     const std::function<void(const Binary64Panel&)>& visit, std::size_t panel_bytes = kPanelBytes);

/// max |output| over all outputs of all batch indices.
[[nodiscard]] double binary64_max(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b);
/// The same over all GEMMs of a pass; `tensors` follows LayerPass::tensors.
[[nodiscard]] double binary64_max(const LayerPass& pass, std::span<const CodeTensor> tensors);

/// The scale of a layer's output codes, as if tracked in the iteration before: usual_scale(max_abs * headroom).
/// headroom > 1 leaves room for growth, headroom < 1 makes the largest outputs clip (tests of clipping).
[[nodiscard]] double output_scale(const numerics::Format& out, double max_abs, double headroom = 1.0);

}  // namespace lnsim
