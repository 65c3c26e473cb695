// SPDX-License-Identifier: Apache-2.0
#include "sim/data/reference.hpp"

#include <algorithm>

#include "sim/numerics/requantizer.hpp"
#include "sim/support/text.hpp"

namespace lnsim {

std::uint64_t reference_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                               const numerics::DotUnit& unit, std::uint64_t batch_index,
                               const std::function<void(const ReferencePanel&)>& visit,
                               const ReferenceOptions& options) {
  std::uint64_t saturations = 0;
  std::vector<numerics::Psum> psums;
  visit_panels(gemm, a, b, batch_offsets(gemm, batch_index), options.panel_bytes, [&](const OperandPanels& panels) {
    psums.resize(std::max(psums.size(), panels.m_count * panels.n_count));
    saturations += numerics::gemm(unit, panels.a, panels.b, panels.m_count, panels.n_count, panels.k, psums.data(),
                                  options.scalar);
    visit({panels.m_begin, panels.n_begin, panels.m_count, panels.n_count, psums.data()});
  });
  return saturations;
}

std::vector<numerics::Psum> reference_outputs(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                                              const numerics::DotUnit& unit, std::uint64_t batch_index,
                                              const ReferenceOptions& options) {
  std::vector<numerics::Psum> outputs(checked_mul(gemm.m, gemm.n));
  const auto keep = [&](const ReferencePanel& panel) {
    for (std::size_t n = 0; n < panel.n_count; ++n) {
      const std::uint64_t first = (panel.n_begin + n) * gemm.m + panel.m_begin;
      std::copy_n(panel.psums + n * panel.m_count, panel.m_count, outputs.begin() + static_cast<std::ptrdiff_t>(first));
    }
  };
  reference_panels(gemm, a, b, unit, batch_index, keep, options);
  return outputs;
}

ReferenceCounts reference_codes(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b,
                                const numerics::DotUnit& unit, CodeTensor& out, const ReferenceOptions& options) {
  const auto requantizer = numerics::make_requantizer(unit, out.format, a.scale, b.scale, out.scale);
  const OutputElements elements(gemm.out);
  const unsigned bytes = out.format->container_bytes();
  ReferenceCounts counts;
  for (std::uint64_t index = 0; index < gemm.count(); ++index) {
    const auto offset = static_cast<std::uint64_t>(batch_offsets(gemm, index).out);
    const auto store = [&](const ReferencePanel& panel) {
      const numerics::Psum* psum = panel.psums;
      for (std::size_t n = 0; n < panel.n_count; ++n) {
        for (std::size_t m = 0; m < panel.m_count; ++m) {
          const numerics::Encoded encoded = requantizer->requantize(*psum++);
          const std::uint64_t element = elements.element(panel.m_begin + m, panel.n_begin + n) + offset;
          numerics::store_code(out.codes.data(), element, bytes, encoded.code);
          counts.clipped += encoded.clipped ? 1U : 0U;
        }
      }
    };
    counts.saturations += reference_panels(gemm, a, b, unit, index, store, options);
  }
  return counts;
}

ReferenceCounts reference_codes(const LayerPass& pass, std::span<CodeTensor> tensors, const numerics::DotUnit& unit,
                                const ReferenceOptions& options) {
  ReferenceCounts counts;
  for (const Gemm& gemm : pass.gemms) {
    counts +=
        reference_codes(gemm, tensors[gemm.a.tensor], tensors[gemm.b.tensor], unit, tensors[gemm.out.tensor], options);
  }
  return counts;
}

}  // namespace lnsim
